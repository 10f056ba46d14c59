import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import type { TestDatabase } from '#test/support/database.ts';

export interface OpenTransaction {
  query(text: string, values?: readonly unknown[]): Promise<void>;
  /** Resolves when this many other statements wait for locks. */
  blocks(count: number): Promise<void>;
  end(how: 'commit' | 'rollback'): Promise<void>;
}

const waitLimitMs = 10_000;

/** A transaction of somebody else that stays open, so that races are arranged instead of hoped for. */
export async function openTransaction(database: TestDatabase): Promise<OpenTransaction> {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query('begin');
  return {
    async query(text, values = []) {
      await client.query(text, [...values]);
    },
    async blocks(count) {
      for (const deadline = Date.now() + waitLimitMs; ; await delay(10)) {
        const [row] = await database.query<{ waiting: number }>(
          `select count(*)::int as waiting from pg_stat_activity
           where datname = current_database() and wait_event_type = 'Lock'`,
        );
        if ((row?.waiting ?? 0) >= count) return;
        if (Date.now() > deadline)
          throw new Error(`only ${row?.waiting} of ${count} statements wait for a lock`);
      }
    },
    async end(how) {
      await client.query(how);
      await client.end();
    },
  };
}
