import { Client } from 'pg';
import { messageOf } from '#shared/errors/message.ts';

export interface CatalogOptions {
  /** Longest that one statement may run, in milliseconds. Default 30,000. */
  readonly statementTimeoutMs?: number;
  /** Until the connection stands, in milliseconds. Default 5,000. */
  readonly connectTimeoutMs?: number;
}

/**
 * A connection that reads only: every transaction of it is read-only, and it waits for no lock longer than 2 s.
 * @throws an Error that names the host and the reason, never the password
 */
export async function connectReading(url: string, options: CatalogOptions = {}): Promise<Client> {
  const { statementTimeoutMs = 30_000, connectTimeoutMs = 5_000 } = options;
  const client = new Client({
    connectionString: url,
    application_name: 'banyan catalog',
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    lock_timeout: 2_000,
    options: settings,
    // Text is the wire form of every value.
    types: { getTypeParser: () => (text: string) => text },
  });
  // Without a listener the loss of an idle connection would end the process; the next query tells it anyway.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (cause) {
    await client.end().catch(() => undefined);
    throw new Error(`${placeOf(url)} cannot be reached: ${messageOf(cause)}`, { cause });
  }
}

/** `host:port/database`, for messages: no name and no password. */
export function placeOf(url: string): string {
  const { hostname, port, pathname } = new URL(url);
  return `${hostname}:${port === '' ? '5432' : port}${decodeURIComponent(pathname)}`;
}

const settings = [
  'default_transaction_read_only=on',
  'TimeZone=UTC',
  'DateStyle=ISO',
  'IntervalStyle=postgres',
  'extra_float_digits=1',
  'bytea_output=hex',
  'search_path=pg_catalog',
]
  .map((setting) => `-c ${setting}`)
  .join(' ');
