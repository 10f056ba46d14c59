import type { Queryable } from '#user-service/database/pool.ts';

/** Tokens that one sweep removes at most. A login adds two, so sweeping at each login never falls behind. */
const sweepLimit = 100;

/**
 * Removes tokens that have expired, the oldest first, of whatever user: those of a user who never comes back would stay
 * for ever otherwise. Housekeeping, so it does not go by user_id; on a distributed database every shard does its own.
 * Sweeps that run at once pass over each other's rows.
 * @returns how many were removed
 */
export async function sweepExpiredTokens(database: Queryable): Promise<number> {
  const swept = await database.query(
    `delete from tokens where (user_id, token_hash) in (
       select user_id, token_hash from tokens where expires_at <= now()
       order by expires_at limit $1 for update skip locked)`,
    [sweepLimit],
  );
  return swept.rowCount ?? 0;
}
