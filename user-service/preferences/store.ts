import type { Pool } from 'pg';
import { problem } from '#shared/errors/problem.ts';
import { queryOne, type Queryable } from '#user-service/database/pool.ts';
import { inTransaction } from '#user-service/database/transaction.ts';
import { lockAccount, userNotFound } from '#user-service/users/accounts.ts';

/** Keys that a user has at most. */
const maxPreferences = 200;

export interface Preference {
  readonly key: string;
  readonly value: string;
  readonly updatedAt: Date;
}

/**
 * Keys and values, in the order of the keys' bytes.
 * @throws Problem 404 `user-not-found`
 */
export async function listPreferences(database: Queryable, userId: number): Promise<Record<string, string>> {
  const listed = await database.query<{ key: string | null; value: string | null }>(
    `select p.key, p.value
     from accounts a left join preferences p on p.user_id = a.user_id
     where a.user_id = $1 and a.status <> 'closed'
     order by p.key collate "C"`,
    [userId],
  );
  if (listed.rows.length === 0) throw userNotFound();
  // fromEntries defines own properties; assigning to {} could reach a setter of the prototype.
  return Object.fromEntries(
    listed.rows.flatMap(({ key, value }) => (key === null || value === null ? [] : [[key, value]])),
  );
}

/**
 * Sets one preference. The lock of the account makes the count hold: two at once cannot both be the 200th.
 * @throws Problem 404 `user-not-found`, 409 `too-many-preferences`
 */
export async function putPreference(
  pool: Pool,
  userId: number,
  { key, value }: { readonly key: string; readonly value: string },
): Promise<Preference> {
  return inTransaction(pool, async (client) => {
    if ((await lockAccount(client, userId)) === undefined) throw userNotFound();
    const put = await queryOne<Preference>(
      client,
      `insert into preferences (user_id, key, value)
       select $1, $2, $3
       where exists (select from preferences where user_id = $1 and key = $2)
          or (select count(*) from preferences where user_id = $1) < $4
       on conflict (user_id, key) do update set value = excluded.value, updated_at = excluded.updated_at
       returning key, value, updated_at as "updatedAt"`,
      [userId, key, value, maxPreferences],
    );
    if (put === undefined) throw tooManyPreferences();
    return put;
  });
}

/** @throws Problem 404 `user-not-found`, `preference-not-found` */
export async function deletePreference(database: Queryable, userId: number, key: string): Promise<void> {
  const outcome = await queryOne<{ userExists: boolean; deleted: boolean }>(
    database,
    `with owner as (select user_id from accounts where user_id = $1 and status <> 'closed'),
          gone as (delete from preferences p using owner where p.user_id = owner.user_id and p.key = $2 returning 1)
     select exists (select from owner) as "userExists", exists (select from gone) as deleted`,
    [userId, key],
  );
  if (outcome?.userExists !== true) throw userNotFound();
  if (!outcome.deleted) throw problem(404, 'preference-not-found', 'This user has no such preference.');
}

function tooManyPreferences(): Error {
  return problem(
    409,
    'too-many-preferences',
    `A user has at most ${maxPreferences} preferences; delete one first.`,
  );
}
