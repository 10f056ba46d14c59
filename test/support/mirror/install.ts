// For tests of the contract: a copy without any delay. A read at the service must see the write just before it, which
// the copy of proxy/cutover brings a moment later, and which routing by version will wait for.
//
// What it does not do:
// - Two-phase commit. The user-service's part is committed first, then the monolith's. A crash of the monolith's server
//   just between the two leaves the user-service one transaction ahead.
// - The way back. It copies from the monolith to the user-service only, so it serves the stages up to `shadow`.
// - Independence. While the user-service's database is down, the monolith's writes to the user domain fail.
import { readFileSync } from 'node:fs';
import { Client, escapeIdentifier, escapeLiteral } from 'pg';
import { messageOf } from '#shared/errors/message.ts';

export interface MirrorOptions {
  /** As a superuser: extensions and foreign servers are made. */
  readonly monolithUrl: string;
  /** As a superuser, and as the monolith's database server reaches it. */
  readonly serviceUrl: string;
}

const tables = ['accounts', 'profiles', 'preferences', 'tokens'];
const sql = readFileSync(new URL('mirror.sql', import.meta.url), 'utf8');

/**
 * From now on every write to the monolith's `users`, `user_profiles`, `user_preferences` and `auth_tokens` is done in the
 * user-service's tables as well, in the same transaction, and fails if it can't be done there. One
 * direction, no two-phase commit (see the head of this file).
 *
 * The two sides must be equal when it is called, and nobody may write meanwhile. Calling it again replaces what was
 * there, for example after the user-service's database has moved.
 * @throws an Error when either database cannot be reached or the user-service's schema is not there
 */
export async function installMirror({ monolithUrl, serviceUrl }: MirrorOptions): Promise<void> {
  const client = new Client({ connectionString: monolithUrl });
  await client.connect();
  try {
    await client.query('begin');
    await client.query(connectionSql(new URL(serviceUrl)));
    await client.query(sql);
    await client.query('commit');
  } catch (cause) {
    throw new Error(`the mirror could not be installed: ${messageOf(cause)}`, {
      cause,
    });
  } finally {
    await client.end();
  }
}

function connectionSql(service: URL): string {
  const server = {
    host: service.hostname,
    port: service.port === '' ? '5432' : service.port,
    dbname: decodeURIComponent(service.pathname.slice(1)),
    application_name: 'mirror',
    // The monolith's own foreign keys have been checked already. Checked there once more at REPEATABLE READ they would
    // fail whenever somebody else has just changed the account.
    options: '-c session_replication_role=replica',
  };
  const login = {
    user: decodeURIComponent(service.username),
    password: decodeURIComponent(service.password),
  };
  const names = tables.map((table) => escapeIdentifier(table)).join(', ');
  return `
    create extension if not exists postgres_fdw;
    drop server if exists mirror_user_service cascade;
    drop schema if exists mirror cascade;
    create schema mirror;
    create server mirror_user_service foreign data wrapper postgres_fdw options (${optionList(server)});
    create user mapping for current_user server mirror_user_service options (${optionList(login)});
    import foreign schema public limit to (${names}) from server mirror_user_service into mirror;`;
}

function optionList(options: Readonly<Record<string, string>>): string {
  return Object.entries(options)
    .map(([name, value]) => `${escapeIdentifier(name)} ${escapeLiteral(value)}`)
    .join(', ');
}
