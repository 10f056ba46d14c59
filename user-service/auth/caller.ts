import type { Request } from 'express';
import { bearerToken } from '#shared/credentials/bearer.ts';
import { problem, type Problem } from '#shared/errors/problem.ts';
import type { Queryable } from '#user-service/database/pool.ts';
import { userNotFound } from '#user-service/users/accounts.ts';
import type { Role } from '#user-service/users/user.ts';
import { findAccess } from './access.ts';

/** Who sends the request, as its access token says. */
export interface Caller {
  readonly userId: number;
  readonly role: Role;
  readonly sessionId: string;
}

/** @throws Problem 401 `not-authenticated` */
export async function authenticate(database: Queryable, request: Request): Promise<Caller> {
  const token = bearerToken(request.headers.authorization);
  const access = token === undefined ? undefined : await findAccess(database, token);
  if (access === undefined) {
    throw unauthenticated(
      'not-authenticated',
      'Log in, and send the access token as "Authorization: Bearer …".',
    );
  }
  return access;
}

/**
 * For `/users/{id}` and all below it: the user or an admin may call.
 * @returns the caller, and the user whom the request is about
 * @throws Problem 401 `not-authenticated`, 404 `user-not-found` (an id that cannot be one), 403 `not-allowed`
 */
export async function authorise(
  database: Queryable,
  request: Request<{ id: string }>,
): Promise<{ readonly caller: Caller; readonly userId: number }> {
  const caller = await authenticate(database, request);
  const { id } = request.params;
  const userId = Number(id);
  if (!/^[1-9]\d{0,15}$/.test(id) || !Number.isSafeInteger(userId)) throw userNotFound();
  if (caller.userId !== userId && caller.role !== 'admin') {
    throw notAllowed('Only the user or an admin may do this.');
  }
  return { caller, userId };
}

export function notAllowed(detail: string): Problem {
  return problem(403, 'not-allowed', detail);
}

/** Every 401 names its scheme (RFC 9110, 15.5.2). */
export function unauthenticated(
  code: 'not-authenticated' | 'invalid-credentials' | 'invalid-refresh-token',
  detail: string,
): Problem {
  return problem(401, code, detail, { headers: { 'WWW-Authenticate': 'Bearer' } });
}
