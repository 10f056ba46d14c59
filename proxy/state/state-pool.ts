import { Pool, type Client } from 'pg';
import { typeParsers } from '#shared/postgres/type-parsers.ts';
import { stateSchema } from './state-schema.ts';

/** Milliseconds: a database that hangs is one that is away. */
const connectMs = 5_000;
const statementMs = 20_000;

export interface StatePool {
  readonly pool: Pool;
  /** Ends idle connections, and those in use when they are given back; after `withinMs` it cuts them. */
  end(withinMs: number): Promise<void>;
}

/**
 * A small pool on the state database. Nothing connects before the first query.
 * @param onError told of idle connections that break; queries reject by themselves
 */
export function openStatePool(url: string, onError: (error: Error) => void): StatePool {
  const pool = new Pool({
    connectionString: url,
    max: 3,
    connectionTimeoutMillis: connectMs,
    statement_timeout: statementMs,
    lock_timeout: connectMs,
    // Ours beside the server's: one that has gone silent keeps no statement time-out.
    query_timeout: statementMs + connectMs,
    idleTimeoutMillis: 30_000,
    application_name: 'banyan',
    options: `-c search_path=${stateSchema}`,
    types: typeParsers(),
  });
  const clients = new Set<Client>();
  pool.on('error', onError);
  pool.on('connect', (client) => {
    clients.add(client);
    // The pool listens while a client is idle. One that breaks in use would end the process without this.
    client.on('error', onError);
  });
  pool.on('remove', (client) => clients.delete(client));
  return {
    pool,
    async end(withinMs) {
      // With a query running this breaks the connection at once.
      const cut = setTimeout(() => clients.forEach((client) => void client.end()), withinMs);
      await pool.end();
      clearTimeout(cut);
    },
  };
}
