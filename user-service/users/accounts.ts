import type { Pool } from 'pg';
import { problem, type Problem } from '#shared/errors/problem.ts';
import { queryOne, type Queryable } from '#user-service/database/pool.ts';
import { inTransaction } from '#user-service/database/transaction.ts';
import { userColumns, type Status, type User } from './user.ts';

/** Not of the form of a password hash, so no password matches it. */
const unmatchableHash = 'closed';

export interface NewAccount {
  readonly email: string;
  readonly name: string;
  readonly passwordHash: string;
}

export interface AccountChanges {
  readonly email?: string | undefined;
  readonly name?: string | undefined;
  readonly status?: Status | undefined;
}

/** @throws Problem 409 `email-taken` */
export async function addAccount(database: Queryable, account: NewAccount): Promise<User> {
  const { email, name, passwordHash } = account;
  const added = await queryOne<User>(
    database,
    `insert into accounts (email, name, password_hash) values ($1, $2, $3) returning ${userColumns}`,
    [email, name, passwordHash],
  ).catch(refuseTakenEmail);
  if (added === undefined) throw new Error('an insert into accounts returned no row');
  return added;
}

/** @throws Problem 404 `user-not-found` */
export async function findUser(database: Queryable, userId: number): Promise<User> {
  const found = await queryOne<User>(
    database,
    `select ${userColumns} from accounts where user_id = $1 and status <> 'closed'`,
    [userId],
  );
  if (found === undefined) throw userNotFound();
  return found;
}

/** Up to `limit` users with ids above `afterId`, by rising id. */
export async function listUsers(
  database: Queryable,
  { afterId, limit }: { readonly afterId: number; readonly limit: number },
): Promise<User[]> {
  const listed = await database.query<User>(
    `select ${userColumns} from accounts where user_id > $1 and status <> 'closed' order by user_id limit $2`,
    [afterId, limit],
  );
  return listed.rows;
}

/** @throws Problem 404 `user-not-found`, 409 `email-taken` */
export async function changeAccount(
  database: Queryable,
  userId: number,
  { email, name, status }: AccountChanges,
): Promise<User> {
  const changed = await queryOne<User>(
    database,
    `update accounts
     set email = coalesce($2, email), name = coalesce($3, name), status = coalesce($4, status), updated_at = now()
     where user_id = $1 and status <> 'closed'
     returning ${userColumns}`,
    [userId, email, name, status],
  ).catch(refuseTakenEmail);
  if (changed === undefined) throw userNotFound();
  return changed;
}

/**
 * The row stays, since orders elsewhere point at it, but nothing of the person stays in it. The update takes the row's
 * lock first: whoever adds a profile, a preference or a token takes it too, so none of these is left behind.
 * @throws Problem 404 `user-not-found`
 */
export async function closeAccount(pool: Pool, userId: number): Promise<void> {
  await inTransaction(pool, async (client) => {
    const closed = await queryOne(
      client,
      `update accounts
       set email = 'closed-' || user_id || '@invalid', name = 'Closed account', status = 'closed',
           password_hash = $2, updated_at = now()
       where user_id = $1 and status <> 'closed'
       returning user_id`,
      [userId, unmatchableHash],
    );
    if (closed === undefined) throw userNotFound();
    await client.query('delete from tokens where user_id = $1', [userId]);
    await client.query('delete from preferences where user_id = $1', [userId]);
    await client.query('delete from profiles where user_id = $1', [userId]);
  });
}

/**
 * Takes the lock of an account until the end of the transaction: of two who hold it one after the other, the second
 * sees all that the first did.
 * @returns its status; `undefined` where there is no such account, or a closed one
 */
export async function lockAccount(client: Queryable, userId: number): Promise<Status | undefined> {
  const locked = await queryOne<{ status: Status }>(
    client,
    `select status from accounts where user_id = $1 and status <> 'closed' for no key update`,
    [userId],
  );
  return locked?.status;
}

export function userNotFound(): Problem {
  return problem(404, 'user-not-found', 'There is no such user.');
}

/** The constraint decides, not a look beforehand: between a look and the insert another may take the address. */
function refuseTakenEmail(error: unknown): never {
  const taken = Error.isError(error) && 'constraint' in error && error.constraint === 'accounts_email_key';
  throw taken ? problem(409, 'email-taken', 'Another account has this e-mail address.') : error;
}
