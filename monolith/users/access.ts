import type { Request, RequestHandler } from 'express';
import { identifyCaller, notAllowed, type CallerCheck } from '#monolith/auth-delegation/caller.ts';
import { userProblem } from './failures.ts';

/**
 * What stands before every handler of `/users/{id}…`: the caller must be known, the id must have the form of one, and
 * the caller must be that user or an admin, in this order.
 * @throws Problem 401 `not-authenticated`, 404 `user-not-found`, 403 `not-allowed`
 */
export function requireUserOrAdmin(check: CallerCheck): RequestHandler {
  return async (request, response, next) => {
    const { userId, role } = await identifyCaller(check, request, response);
    if (pathUserId(request) !== userId && role !== 'admin')
      throw notAllowed('Only the user or an admin may do this.');
    next();
  };
}

/** @throws Problem 404 `user-not-found` where the id in the path is not a positive safe integer */
export function pathUserId({ params }: Pick<Request, 'params'>): number {
  const text = params['id'];
  const id = typeof text === 'string' && /^[1-9]\d{0,15}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(id)) throw userProblem('user-not-found');
  return id;
}
