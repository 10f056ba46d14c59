import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { messageOf } from '#shared/errors/message.ts';

// Any fixed number: two processes that migrate the same database at once wait for each other.
const migrationLock = 0x62_61_6e_79;

/**
 * Brings a database up to date with a folder of numbered SQL files (`001-users.sql`, …): each file that the database has
 * not seen runs once, in order, in one transaction with its entry in `schema_migrations`.
 * @returns the names of the files that ran now
 * @throws an Error that names the file whose SQL failed; the files before it stay applied
 */
export async function migrate(options: { readonly url: string; readonly folder: string }): Promise<string[]> {
  const client = new Client({ connectionString: options.url });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [migrationLock]);
    await client.query(
      `create table if not exists schema_migrations (
         name text primary key, applied_at timestamptz not null default now())`,
    );
    const seen = await client.query<{ name: string }>('select name from schema_migrations');
    const known = new Set(seen.rows.map((row) => row.name));
    const pending = readdirSync(options.folder)
      .filter((name) => /^\d{3}-[\w-]+\.sql$/.test(name) && !known.has(name))
      .toSorted();
    for (const name of pending) await apply(client, join(options.folder, name), name);
    return pending;
  } finally {
    await client.end();
  }
}

async function apply(client: Client, file: string, name: string): Promise<void> {
  try {
    await client.query('begin');
    await client.query(readFileSync(file, 'utf8'));
    await client.query('insert into schema_migrations (name) values ($1)', [name]);
    await client.query('commit');
  } catch (cause) {
    await client.query('rollback').catch(() => undefined);
    throw new Error(`${file}: ${messageOf(cause)}`, { cause });
  }
}
