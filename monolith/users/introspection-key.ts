import type { RequestHandler } from 'express';
import { notAuthenticated } from '#monolith/auth-delegation/caller.ts';
import { bearerToken, sameSecret } from '#shared/credentials/token.ts';

/**
 * Lets only those pass who send the introspection key as their Bearer credentials.
 * @throws Problem 401 `not-authenticated`
 */
export function requireIntrospectionKey(key: string): RequestHandler {
  return (request, _response, next) => {
    const given = bearerToken(request.headers.authorization);
    if (given === undefined || !sameSecret(given, key)) throw notAuthenticated();
    next();
  };
}
