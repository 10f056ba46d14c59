import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { codeOf } from '#shared/errors/code.ts';

export interface ReleaseOptions {
  /** How often it is tried while a table is busy, 1 or more. Each try waits at most 0.3 s for a lock. Default 40. */
  readonly tries?: number;
  /** Milliseconds between two tries, in which those who waited behind it go on. Default 250. */
  readonly pauseMs?: number;
}

/** SQLSTATEs after which the same may be tried again: lock_not_available, deadlock_detected. */
const busyStates = new Set(['55P03', '40P01']);
const foreignKeyViolation = '23503';

const releaseSql = readFileSync(new URL('release-from-users.sql', import.meta.url), 'utf8');
const returnSql = readFileSync(new URL('return-to-users.sql', import.meta.url), 'utf8');

/**
 * Takes away the foreign keys by which the tables that stay need the users' tables. A running monolith goes on, whatever
 * its settings; that nothing reads those tables either is what `AUTH_DELEGATION` and `CUSTOMERS` are for. Again is
 * harmless.
 * @param databaseUrl of the monolith's database, with a login that owns its tables
 * @throws Error of `pg`, 55P03 where a table was busy in every try; what was dropped until then stays so
 */
export async function releaseFromUsers(databaseUrl: string, options: ReleaseOptions = {}): Promise<void> {
  await connected(databaseUrl, (client) => run(client, releaseSql, options));
}

/**
 * Puts the foreign keys back, once the users' tables are whole again. Again is harmless.
 * @throws Error where a row belongs to a user who is missing: then there is no key, as after a release; Error of `pg` as
 *   `releaseFromUsers`
 */
export async function returnToUsers(databaseUrl: string, options: ReleaseOptions = {}): Promise<void> {
  await connected(databaseUrl, async (client) => {
    try {
      await run(client, returnSql, options);
    } catch (cause) {
      if (codeOf(cause) !== foreignKeyViolation) throw cause;
      await run(client, releaseSql, options);
      throw new Error(
        'some orders, payments or stock belong to users who are not in "users": let the copy of the users catch up first',
        { cause },
      );
    }
  });
}

async function connected(databaseUrl: string, work: (client: Client) => Promise<void>): Promise<void> {
  const client = new Client({ connectionString: databaseUrl, application_name: 'monolith release' });
  // A connection that breaks fails the query that runs on it; without a listener it would end the process as well.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await work(client);
  } finally {
    await client.end();
  }
}

async function run(client: Client, sql: string, options: ReleaseOptions): Promise<void> {
  const { tries = 40, pauseMs = 250 } = options;
  for (let left = tries - 1; ; left--) {
    try {
      await client.query(sql);
      return;
    } catch (error) {
      // Fails only with the connection, and then `error` is what to tell.
      await client.query('rollback').catch(() => undefined);
      if (left <= 0 || !busyStates.has(codeOf(error) ?? '')) throw error;
      await delay(pauseMs);
    }
  }
}
