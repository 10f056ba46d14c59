import type { ErrorRequestHandler } from 'express';
import { codeOf } from '#shared/errors/code.ts';
import { problem, type Problem } from '#shared/errors/problem.ts';
import { notOwnerProblem } from '#shared/http/not-owner.ts';

/** Seconds after which a caller may try again; a restart of PostgreSQL takes about as long as `away`. */
const retryAfterSeconds = { away: 2, busy: 1 };

const socketErrors = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/** Appendix A of the PostgreSQL manual: the server is gone, or refuses everybody for now. */
const awayStates = /^(?:08.{3}|53300|57P0[1235]|25P03)$/;

/** The server could not serve this one statement in time; nothing of its transaction took effect. */
const busyStates = new Set([
  '40001', // serialization_failure
  '40P01', // deadlock_detected
  '55P03', // lock_not_available
  '57014', // query_canceled: the statement_timeout
]);

/** Errors that pg makes itself carry no code. */
const clientMessages =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|Client was closed)/;

/** Whether this error says that the database is away, and nothing about the statement. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!Error.isError(error)) return false;
  // One error for each address of a host name ("localhost" as IPv6 and IPv4).
  if ('errors' in error && Array.isArray(error.errors)) return error.errors.some(isDatabaseUnavailable);
  const code = codeOf(error) ?? '';
  return socketErrors.has(code) || awayStates.test(code) || clientMessages.test(error.message);
}

export function databaseUnavailable(cause: unknown): Problem {
  return problem(503, 'database-unavailable', 'The database does not answer; try again in a moment.', {
    headers: { 'Retry-After': String(retryAfterSeconds.away) },
    cause,
  });
}

/** Stands before `problemHandler`, and makes 503 or 421 of what would be 500 there. */
export const databaseErrors: ErrorRequestHandler = (error: unknown, _request, _response, next) => {
  if (isDatabaseUnavailable(error)) next(databaseUnavailable(error));
  else if (busyStates.has(codeOf(error) ?? '')) next(databaseBusy(error));
  else next(notOwnerProblem(error) ?? error);
};

function databaseBusy(cause: unknown): Problem {
  return problem(503, 'database-busy', 'The database could not do this in time; try again.', {
    headers: { 'Retry-After': String(retryAfterSeconds.busy) },
    cause,
  });
}
