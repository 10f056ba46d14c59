import type { Client } from 'pg';

/** What one database server says of itself, as far as a cutover has to know it. */
export interface ServerFacts {
  /** server_version_num: 180004. */
  readonly version: number;
  readonly versionText: string;
  readonly database: string;
  readonly encoding: string;
  readonly collate: string;
  readonly ctype: string;
  /** Of the database or the server, as an application gets it that sets none. */
  readonly timeZone: string;
  readonly inRecovery: boolean;
  readonly settings: Readonly<Record<ServerSetting, string>>;
  /** Standbys that stream from here now; `undefined` where this role may not see them. */
  readonly standbys: readonly { readonly name: string; readonly state: string; readonly sync: string }[];
  readonly longTransactions: readonly LongTransaction[];
  readonly preparedTransactions: readonly { readonly name: string; readonly ageSeconds: number }[];
  readonly databaseBytes: number;
  readonly connectionsUsed: number;
  readonly role: RoleFacts;
  /** Text form of a fixed list of hashes; equal on both sides, or digests can't be compared. */
  readonly hashVector: string;
}

export type ServerSetting =
  | 'fsync'
  | 'full_page_writes'
  | 'synchronous_commit'
  | 'synchronous_standby_names'
  | 'max_connections'
  | 'max_prepared_transactions'
  | 'session_replication_role';

export interface LongTransaction {
  readonly pid: number;
  readonly role: string;
  readonly application: string;
  readonly state: string;
  readonly ageSeconds: number;
}

export interface RoleFacts {
  readonly name: string;
  readonly isSuperuser: boolean;
  readonly createRole: boolean;
  readonly bypassRowSecurity: boolean;
  /** CREATE on the database, for the schema. */
  readonly createInDatabase: boolean;
}

// The zone comes from where a session without one takes it: our own connection has set UTC.
const zoneSql = `coalesce(
  (select split_part(setting, '=', 2) from pg_db_role_setting s, unnest(s.setconfig) as setting
    where s.setdatabase in (0, (select oid from pg_database where datname = current_database())) and s.setrole = 0
      and setting ilike 'timezone=%' order by s.setdatabase desc limit 1),
  (select reset_val from pg_settings where name = 'TimeZone'))`;

/** Long: more than a minute, which is what a fence would have to wait for. */
const longAfterSeconds = 60;

const factsSql = `
select jsonb_build_object(
  'version', current_setting('server_version_num')::int, 'versionText', current_setting('server_version'),
  'database', current_database(), 'encoding', pg_encoding_to_char(d.encoding), 'collate', d.datcollate,
  'ctype', d.datctype, 'timeZone', ${zoneSql}, 'inRecovery', pg_is_in_recovery(),
  'settings', (select jsonb_object_agg(name, setting)
    from pg_settings where name in ('fsync', 'full_page_writes', 'synchronous_commit', 'synchronous_standby_names',
      'max_connections', 'max_prepared_transactions', 'session_replication_role')),
  'standbys', coalesce((select jsonb_agg(jsonb_build_object('name', coalesce(application_name, ''),
    'state', coalesce(state, ''), 'sync', coalesce(sync_state, ''))) from pg_stat_replication), '[]'),
  'longTransactions', coalesce((select jsonb_agg(jsonb_build_object('pid', pid, 'role', coalesce(usename, ''),
      'application', coalesce(application_name, ''), 'state', coalesce(state, ''),
      'ageSeconds', floor(extract(epoch from clock_timestamp() - xact_start))) order by xact_start)
    from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
      and backend_type = 'client backend' and xact_start < clock_timestamp() - make_interval(secs => ${longAfterSeconds})), '[]'),
  'preparedTransactions', coalesce((select jsonb_agg(jsonb_build_object('name', gid,
      'ageSeconds', floor(extract(epoch from clock_timestamp() - prepared))) order by prepared)
    from pg_prepared_xacts where database = current_database()), '[]'),
  'databaseBytes', pg_database_size(current_database()),
  'connectionsUsed', (select count(*) from pg_stat_activity where backend_type = 'client backend'),
  'role', (select jsonb_build_object('name', rolname, 'isSuperuser', rolsuper, 'createRole', rolcreaterole,
      'bypassRowSecurity', rolbypassrls,
      'createInDatabase', has_database_privilege(current_database(), 'CREATE'))
    from pg_roles where rolname = current_role),
  'hashVector', (select array_agg(array[hashtextextended(word, 0), hashtextextended(word, 7)] order by place)::text
    from unnest(array['', 'a', 'Zebra', chr(31) || 'x', U&'\\00e9\\4e2d', repeat('long', 99)]) with ordinality
      as words(word, place))) as fact
from pg_database d where d.datname = current_database()`;

export async function readServer(client: Client): Promise<ServerFacts> {
  const { rows } = await client.query<{ fact: string }>(factsSql);
  const [row] = rows;
  if (row === undefined) throw new Error('the server says nothing of its own database');
  return JSON.parse(row.fact) as ServerFacts;
}
