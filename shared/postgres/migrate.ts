import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, escapeIdentifier } from 'pg';
import { messageOf } from '#shared/errors/message.ts';

// Any fixed number: two processes that migrate the same database at once wait for each other.
const migrationLock = 0x62_61_6e_79;

export interface MigrateOptions {
  readonly url: string;
  readonly folder: string;
  /** Where the files' tables go, with their own `schema_migrations`; made where it is missing. Default: the login's own. */
  readonly schema?: string;
  /** For the connection, and for the lock that another migration holds. Milliseconds. Default: no limit. */
  readonly waitMs?: number;
}

/**
 * Brings a database up to date with a folder of numbered SQL files (`001-users.sql`, …): each file that the database has
 * not seen runs once, in order, in one transaction with its entry in `schema_migrations`.
 * @returns the names of the files that ran now
 * @throws an Error that names the file whose SQL failed; the files before it stay applied
 */
export async function migrate(options: MigrateOptions): Promise<string[]> {
  const { url, schema, waitMs = 0 } = options;
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: waitMs,
    lock_timeout: waitMs,
  });
  // A connection that breaks fails the query that runs on it; without a listener it would end the process as well.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select pg_advisory_lock($1)', [migrationLock]);
    if (schema !== undefined) await enter(client, schema);
    await makeRecord(client);
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

/** Asks before it makes anything: a login that may use the schema, but make none, is enough once all files are applied. */
async function enter(client: Client, schema: string): Promise<void> {
  const found = await client.query('select from pg_namespace where nspname = $1', [schema]);
  if (found.rowCount === 0) await client.query(`create schema ${escapeIdentifier(schema)}`);
  await client.query(`set search_path to ${escapeIdentifier(schema)}`);
}

async function makeRecord(client: Client): Promise<void> {
  const found = await client.query(
    `select from pg_class where relname = 'schema_migrations' and relnamespace = current_schema()::regnamespace`,
  );
  if (found.rowCount !== 0) return;
  await client.query(
    'create table schema_migrations (name text primary key, applied_at timestamptz not null default now())',
  );
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
