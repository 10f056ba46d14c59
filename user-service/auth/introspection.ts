import type { Request } from 'express';
import { bearerToken } from '#shared/credentials/bearer.ts';
import { sameSecret } from '#shared/credentials/token.ts';
import type { Queryable } from '#user-service/database/pool.ts';
import type { Role } from '#user-service/users/user.ts';
import { findAccess } from './access.ts';
import { unauthenticated } from './caller.ts';

/** The answer to another service that asks about a token (RFC 7662, 2.2), in the contract's own JSON names. */
export type Introspection =
  | { readonly active: false }
  | {
      readonly active: true;
      readonly sub: string;
      readonly userId: number;
      readonly role: Role;
      readonly tokenType: 'Bearer';
      readonly iat: number;
      readonly exp: number;
    };

export async function introspect(database: Queryable, token: string): Promise<Introspection> {
  const access = await findAccess(database, token);
  // RFC 7662, 2.2: nothing is told about a token that is not active, not even why.
  if (access === undefined) return { active: false };
  const { userId, role, issuedAt, expiresAt } = access;
  return {
    active: true,
    sub: String(userId),
    userId,
    role,
    tokenType: 'Bearer',
    iat: issuedAt,
    exp: expiresAt,
  };
}

/**
 * Introspection is for services that hold the operator's key: open to all, it would be a place to try out tokens.
 * @throws Problem 401 `not-authenticated`
 */
export function requireIntrospectionKey(request: Request, introspectionKey: string): void {
  const given = bearerToken(request.headers.authorization);
  if (given !== undefined && sameSecret(given, introspectionKey)) return;
  throw unauthenticated('not-authenticated', 'Send the introspection key as "Authorization: Bearer …".');
}
