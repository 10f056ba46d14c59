import { randomBytes } from 'node:crypto';
import { Client, escapeIdentifier, escapeLiteral } from 'pg';
import type { EmbeddedPostgres, Login } from '#shared/postgres/embedded.ts';

export interface OwnDatabasesOptions<Name extends string> {
  readonly names: readonly Name[];
  /** Makes all of them again, empty. */
  readonly anew: boolean;
}

/**
 * Makes the databases that are not there, and for each a login of the same name that owns it: a system that is broken
 * into is no superuser, and cannot reach the other's data. The passwords are drawn anew at each call; an earlier run's
 * open nothing any more.
 */
export async function ensureOwnDatabases<Name extends string>(
  server: Pick<EmbeddedPostgres, 'url'>,
  { names, anew }: OwnDatabasesOptions<Name>,
): Promise<Readonly<Record<Name, Login>>> {
  const client = new Client({ connectionString: server.url('postgres') });
  await client.connect();
  try {
    const logins: [Name, Login][] = [];
    for (const name of names) {
      const login = { role: name, password: randomBytes(32).toString('base64url') };
      await ensureRole(client, login);
      await ensureDatabase(client, { name, anew });
      logins.push([name, login]);
    }
    return Object.fromEntries(logins) as Record<Name, Login>;
  } finally {
    await client.end();
  }
}

async function ensureRole(client: Client, { role, password }: Login): Promise<void> {
  const found = await client.query('select 1 from pg_roles where rolname = $1', [role]);
  const verb = found.rowCount === 0 ? 'create' : 'alter';
  await client.query(`${verb} role ${escapeIdentifier(role)} login password ${escapeLiteral(password)}`);
}

async function ensureDatabase(
  client: Client,
  { name, anew }: { readonly name: string; readonly anew: boolean },
): Promise<void> {
  const database = escapeIdentifier(name);
  if (anew) await client.query(`drop database if exists ${database} with (force)`);
  const found = await client.query('select 1 from pg_database where datname = $1', [name]);
  if (found.rowCount === 0) await client.query(`create database ${database} owner ${database}`);
  // By default every login may connect to every database.
  await client.query(`revoke connect on database ${database} from public`);
}
