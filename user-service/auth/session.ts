import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { issueToken, parseToken, type ParsedToken } from '#shared/credentials/token.ts';
import { queryOne, type Queryable } from '#user-service/database/pool.ts';
import { inTransaction } from '#user-service/database/transaction.ts';
import { lockAccount } from '#user-service/users/accounts.ts';

/** Seconds that an access token is valid. */
const accessSeconds = 15 * 60;
/** Seconds that a refresh token is valid. */
const refreshSeconds = 30 * 24 * 60 * 60;

/** The answer to login and refresh (RFC 6749, 5.1). */
export interface SessionTokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly tokenType: 'Bearer';
  /** Seconds that the access token is valid. */
  readonly expiresIn: number;
  readonly userId: number;
}

/** `undefined` if the account was suspended or closed in the meantime. */
export async function openSession(database: Queryable, userId: number): Promise<SessionTokens | undefined> {
  return addTokens(database, userId, randomUUID());
}

/**
 * Trades a refresh token for the next pair of its session. A spent one that comes again means that two parties hold it,
 * and nobody can say which is the thief, so the whole session ends (RFC 9700, 4.14.2). The lock of the account puts two
 * requests with the same token in a row: the first gets a pair, the second ends the session.
 * @returns `undefined` for whatever is not a refresh token that counts now
 */
export async function rotateSession(pool: Pool, refreshToken: string): Promise<SessionTokens | undefined> {
  const parsed = parseToken(refreshToken);
  if (parsed === undefined) return undefined;
  return inTransaction(pool, async (client) => {
    const status = await lockAccount(client, parsed.userId);
    const found = await findRefresh(client, parsed);
    if (status === undefined || found === undefined) return undefined;
    if (found.spent) {
      await deleteSession(client, parsed.userId, found.sessionId);
      return undefined;
    }
    if (status === 'suspended') return undefined;
    await client.query('update tokens set spent_at = now() where user_id = $1 and token_hash = $2', [
      parsed.userId,
      parsed.hash,
    ]);
    return addTokens(client, parsed.userId, found.sessionId);
  });
}

/** Deletes every token of a session. The lock keeps a refresh that runs now from adding one after that. */
export async function endSession(pool: Pool, userId: number, sessionId: string): Promise<void> {
  await inTransaction(pool, async (client) => {
    await lockAccount(client, userId);
    await deleteSession(client, userId, sessionId);
  });
}

async function addTokens(
  database: Queryable,
  userId: number,
  sessionId: string,
): Promise<SessionTokens | undefined> {
  const access = issueToken(userId);
  const refresh = issueToken(userId);
  const added = await database.query(
    // The lock (`for share`) waits for a suspension or a closing that runs now, and then sees it.
    `with owner as (select user_id from accounts where user_id = $1 and status = 'active' for share)
     insert into tokens (user_id, token_hash, kind, session_id, issued_at, expires_at)
     select owner.user_id, added.hash, added.kind, $2, now(), now() + make_interval(secs => added.seconds)
     from owner, (values ($3, 'access', $4::int), ($5, 'refresh', $6::int)) as added (hash, kind, seconds)`,
    [userId, sessionId, access.hash, accessSeconds, refresh.hash, refreshSeconds],
  );
  if (added.rowCount !== 2) return undefined;
  return {
    accessToken: access.token,
    refreshToken: refresh.token,
    tokenType: 'Bearer',
    expiresIn: accessSeconds,
    userId,
  };
}

async function findRefresh(
  client: Queryable,
  { userId, hash }: ParsedToken,
): Promise<{ readonly sessionId: string; readonly spent: boolean } | undefined> {
  return queryOne(
    client,
    `select session_id as "sessionId", spent_at is not null as spent
     from tokens where user_id = $1 and token_hash = $2 and kind = 'refresh' and expires_at > now()`,
    [userId, hash],
  );
}

async function deleteSession(client: Queryable, userId: number, sessionId: string): Promise<void> {
  await client.query('delete from tokens where user_id = $1 and session_id = $2', [userId, sessionId]);
}
