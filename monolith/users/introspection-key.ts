import type { RequestHandler } from 'express';
import { notAuthenticated } from '#monolith/auth-delegation/caller.ts';
import { introspectionKeyError } from '#monolith/auth-delegation/introspection-key.ts';
import { bearerToken } from '#shared/credentials/bearer.ts';
import { sameSecret } from '#shared/credentials/token.ts';

/**
 * Lets only those pass who send the introspection key as their Bearer credentials.
 * @throws Error at once where the key itself is unfit; Problem 401 `not-authenticated` for a request
 */
export function requireIntrospectionKey(key: string): RequestHandler {
  const unfit = introspectionKeyError(key);
  if (unfit !== undefined) throw new Error(unfit);
  return (request, _response, next) => {
    const given = bearerToken(request.headers.authorization);
    if (given === undefined || !sameSecret(given, key))
      throw notAuthenticated('Send the introspection key as "Authorization: Bearer …".');
    next();
  };
}
