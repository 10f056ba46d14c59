import type { Request, RequestHandler, Response } from 'express';
import { bearerToken } from '#shared/credentials/bearer.ts';
import { problem, type Problem } from '#shared/errors/problem.ts';

/** Who sends the request, as the access token in it says. */
export interface Caller {
  readonly userId: number;
  readonly role: 'customer' | 'admin';
}

/**
 * Tells whose access token this is; `undefined` when it is nobody's (never issued, expired, logged out, suspended).
 * Rejects when that cannot be found out now: "not authenticated" is never said without knowing.
 */
export type CallerCheck = (token: string) => Promise<Caller | undefined>;

// Keyed by the response, so that nothing in a request can pose as a caller, and gone with it.
const callers = new WeakMap<object, Caller>();

/**
 * Lets a request pass only with an access token that is active now, and keeps its caller for `callerOf`. A request is
 * checked once, however many of these stand before its handler; nothing is remembered between requests.
 * @throws Problem 401 `not-authenticated`; whatever `check` rejects with
 */
export function requireCaller(check: CallerCheck): RequestHandler {
  return async (request, response, next) => {
    await identifyCaller(check, request, response);
    next();
  };
}

/**
 * As `requireCaller`, and only for admins.
 * @throws Problem 403 `not-allowed`
 */
export function requireAdmin(check: CallerCheck): RequestHandler {
  return async (request, response, next) => {
    const { role } = await identifyCaller(check, request, response);
    if (role !== 'admin') throw notAllowed('Only an admin may do this.');
    next();
  };
}

/**
 * What `requireCaller` does, for a middleware of a room's own that has more to ask.
 * @throws Problem 401 `not-authenticated`; whatever `check` rejects with
 */
export async function identifyCaller(
  check: CallerCheck,
  request: Request,
  response: Response,
): Promise<Caller> {
  const known = callers.get(response);
  if (known !== undefined) return known;
  const token = bearerToken(request.headers.authorization);
  const caller = token === undefined ? undefined : await check(token);
  if (caller === undefined) throw notAuthenticated();
  callers.set(response, caller);
  return caller;
}

/**
 * The caller of the request that this response answers.
 * @throws Error where no `requireCaller` or `requireAdmin` stands before the handler: a mistake in the routes
 */
export function callerOf(response: Response): Caller {
  const caller = callers.get(response);
  if (caller === undefined) throw new Error('callerOf: this route has no requireCaller before its handler');
  return caller;
}

export function notAuthenticated(
  detail = 'Log in, and send the access token as "Authorization: Bearer …".',
): Problem {
  return problem(401, 'not-authenticated', detail, { headers: { 'WWW-Authenticate': 'Bearer' } });
}

export function notAllowed(detail = 'This account may not do that.'): Problem {
  return problem(403, 'not-allowed', detail);
}
