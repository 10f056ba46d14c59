import { Client, Pool, types, type ClientConfig } from 'pg';
import type { Side } from '#flags/stages.ts';
import type { CutoverPlan } from './plan.types.ts';

export interface SideOptions {
  /** What the connection is for; it stands in `application_name` as `banyan <part>`, so that whoever blocks is named. */
  readonly part: string;
  /** Connections at most. Default: 4. */
  readonly max?: number;
  /** Milliseconds; 0: none. Default: 60,000. */
  readonly statementTimeoutMs?: number;
  /** Milliseconds; 0: none. Default: 5,000. */
  readonly lockTimeoutMs?: number;
  /** Milliseconds until a server counts as away. Default: 10,000. */
  readonly connectTimeoutMs?: number;
  /**
   * For who writes a table that grows while it does: a plan that was made when the table was empty, also one of PostgreSQL's
   * own for a foreign key, is kept, and reads the whole table for each row later on.
   */
  readonly byIndexOnly?: boolean;
}

/** Everything that the text form of a value depends on, so that both sides write and read it alike. */
const session: Readonly<Record<string, string>> = {
  search_path: 'pg_catalog',
  TimeZone: 'UTC',
  DateStyle: 'ISO,MDY',
  IntervalStyle: 'postgres',
  extra_float_digits: '3',
  bytea_output: 'hex',
  client_encoding: 'UTF8',
};

/** A pool of one side's database, as the applier. Ends with `pool.end()`. */
export function openSide(plan: CutoverPlan, side: Side, options: SideOptions): Pool {
  return poolOf(plan.databases[side].url, options);
}

/** The same as the installer; without `installUrl` in the configuration: as the applier. */
export function openInstaller(plan: CutoverPlan, side: Side, options: SideOptions): Pool {
  const { url, installUrl } = plan.databases[side];
  return poolOf(installUrl ?? url, options);
}

/** One connection outside any pool, as the installer; for what holds a lock of its session. Not yet connected. */
export function installerClient(plan: CutoverPlan, side: Side, options: SideOptions): Client {
  const { url, installUrl } = plan.databases[side];
  const client = new Client(clientConfig(installUrl ?? url, options));
  // A broken connection is told to whoever uses it next.
  client.on('error', () => undefined);
  return client;
}

function poolOf(url: string, options: SideOptions): Pool {
  const pool = new Pool({ ...clientConfig(url, options), max: options.max ?? 4 });
  // An idle connection that breaks is replaced by the pool; whoever uses one sees the error there.
  pool.on('error', () => undefined);
  return pool;
}

function clientConfig(text: string, options: SideOptions): ClientConfig {
  const url = new URL(text);
  const settings = {
    ...session,
    statement_timeout: String(options.statementTimeoutMs ?? 60_000),
    lock_timeout: String(options.lockTimeoutMs ?? 5_000),
    // A session whose process is gone must not hold its locks for ever.
    tcp_keepalives_idle: '30',
    // Before PostgreSQL 18 a scan that can't be avoided then costs so much that it would be compiled each time.
    ...(options.byIndexOnly === true ? { enable_seqscan: 'off', jit: 'off' } : {}),
  };
  // pg lets `options` of the URL win over ours, so they are joined; ours last, since the last one counts.
  const given = url.searchParams.get('options');
  url.searchParams.delete('options');
  const ours = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`);
  return {
    connectionString: url.href,
    application_name: `banyan ${options.part}`,
    options: [...(given === null ? [] : [given]), ...ours].join(' '),
    connectionTimeoutMillis: options.connectTimeoutMs ?? 10_000,
    keepAlive: true,
    types: { getTypeParser: parserOf },
  };
}

/** bool, int2, int4, oid, text[]: the engine's own columns. All else stays PostgreSQL's text, so that nothing is lost. */
const parsed: readonly number[] = [16, 21, 23, 26, 1009];
const nameArray = 1003;
const textArray = 1009;

const parserOf: typeof types.getTypeParser = (oid: number, format?: 'text' | 'binary') => {
  const known: number = oid === nameArray ? textArray : oid;
  return parsed.includes(known) ? types.getTypeParser(known, format) : asItIs;
};

function asItIs(value: unknown): unknown {
  return value;
}
