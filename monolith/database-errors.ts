import type { ErrorRequestHandler } from 'express';
import { BaseError, ConnectionError } from 'sequelize';
import { codeOf } from '#shared/errors/code.ts';
import { problem, type Problem } from '#shared/errors/problem.ts';
import { notOwnerProblem } from '#shared/http/not-owner.ts';

/**
 * SQLSTATEs after which the same request may be sent again: nothing of it took effect.
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const busyStates: Readonly<Record<string, string>> = {
  '40001': 'serialization_failure',
  '40P01': 'deadlock_detected',
  '55P03': 'lock_not_available',
  '57014': 'query_canceled',
};

/** SQLSTATEs and socket errors that mean that the server is gone, or refuses everybody for now. */
const awayCodes = /^(?:08...|57P0.|53300|55000|ECONNRESET|ECONNREFUSED|EPIPE|ETIMEDOUT)$/;

/**
 * What a caller is told when the database does not answer (503 `database-unavailable`), could not serve this one
 * request in time (503 `database-busy`) or is not the owner of the data (421 `not-owner`); `undefined` for every other
 * error.
 */
export function databaseProblem(error: unknown): Problem | undefined {
  if (error instanceof ConnectionError || isAway(error)) return databaseUnavailable(error);
  if (sqlState(error) in busyStates) {
    return problem(503, 'database-busy', 'The database could not do this in time; try again.', {
      headers: { 'Retry-After': '1' },
      cause: error,
    });
  }
  return notOwnerProblem(error);
}

export function databaseUnavailable(cause: unknown): Problem {
  return problem(503, 'database-unavailable', 'The database does not answer; try again soon.', {
    headers: { 'Retry-After': '5' },
    cause,
  });
}

/** Stands before the problem handler, so that an outage of the database is not told as a fault of the program. */
export const databaseErrorHandler: ErrorRequestHandler = (error: unknown, _request, _response, next) => {
  next(databaseProblem(error) ?? error);
};

function isAway(error: unknown): boolean {
  if (awayCodes.test(sqlState(error))) return true;
  // pg's words for a socket that closed under a query; it gives them no code.
  return error instanceof BaseError && /^Connection terminated|connection is closed/i.test(error.message);
}

function sqlState(error: unknown): string {
  return (error instanceof BaseError && 'parent' in error ? codeOf(error.parent) : undefined) ?? '';
}
