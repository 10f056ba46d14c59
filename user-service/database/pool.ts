import { Pool, type PoolClient, type QueryResultRow } from 'pg';
import { typeParsers } from '#shared/postgres/type-parsers.ts';
import type { Logger } from '#shared/telemetry/log.ts';

/** What can run a statement: the pool, or the connection of a transaction. */
export type Queryable = Pick<Pool | PoolClient, 'query'>;

export interface PoolOptions {
  /** `postgres://user:password@host:port/database` */
  readonly databaseUrl: string;
  /** Connections at most, 1-100. */
  readonly maxConnections: number;
  readonly log: Logger;
}

const dateOid = 1082;

/**
 * Nothing connects before the first query. A database that goes away costs the queries that run then, and nothing else:
 * later ones connect anew.
 */
export function openPool({ databaseUrl, maxConnections, log }: PoolOptions): Pool {
  const pool = new Pool({
    connectionString: databaseUrl,
    max: maxConnections,
    application_name: 'user-service',
    keepAlive: true,
    connectionTimeoutMillis: 5_000,
    // The server ends a slow statement; the client gives up a little later on a server that no longer answers at all.
    statement_timeout: 15_000,
    query_timeout: 20_000,
    idle_in_transaction_session_timeout: 30_000,
    // A day has no time zone: as a Date it would become the day before on half of the earth.
    types: typeParsers({ [dateOid]: (text) => text }),
  });
  // An idle connection that breaks has no query to fail; without a listener this would end the process.
  pool.on('error', (error) => log.warn({ reason: error.message }, 'an idle database connection broke'));
  return pool;
}

/** The row of a statement that returns at most one. */
export async function queryOne<Row extends QueryResultRow>(
  database: Queryable,
  text: string,
  values: readonly unknown[],
): Promise<Row | undefined> {
  const result = await database.query<Row>(text, [...values]);
  return result.rows[0];
}
