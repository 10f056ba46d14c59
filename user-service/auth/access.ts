import { parseToken } from '#shared/credentials/token.ts';
import { queryOne, type Queryable } from '#user-service/database/pool.ts';
import type { Role } from '#user-service/users/user.ts';

/** What an access token that counts now stands for. */
export interface Access {
  readonly userId: number;
  readonly role: Role;
  readonly sessionId: string;
  /** Whole seconds since 1970, rounded down. */
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** `undefined` for whatever is not an access token, has expired, was revoked, or is of a user who is not active. */
export async function findAccess(database: Queryable, token: string): Promise<Access | undefined> {
  const parsed = parseToken(token);
  if (parsed === undefined) return undefined;
  return queryOne<Access>(
    database,
    `select t.user_id as "userId", a.role, t.session_id as "sessionId",
            floor(extract(epoch from t.issued_at))::bigint as "issuedAt",
            floor(extract(epoch from t.expires_at))::bigint as "expiresAt"
     from tokens t join accounts a on a.user_id = t.user_id
     where t.user_id = $1 and t.token_hash = $2 and t.kind = 'access' and t.expires_at > now()
       and a.status = 'active'`,
    [parsed.userId, parsed.hash],
  );
}
