import { fileURLToPath } from 'node:url';
import { codeOf } from '#shared/errors/code.ts';
import { messageOf } from '#shared/errors/message.ts';
import { serve } from '#shared/http/serve.ts';
import { migrate } from '#shared/postgres/migrate.ts';
import { createLog } from '#shared/telemetry/log.ts';
import { createMonolith } from './app.ts';
import { readSettings } from './settings.ts';

export interface RunningMonolith {
  /** `http://host:port` */
  readonly url: string;
  /** Lets running requests finish (10 s at most), then ends the sweep and the database connections. */
  stop(): Promise<void>;
}

const schemaFolder = fileURLToPath(new URL('schema', import.meta.url));

/**
 * Reads the environment, brings the database up to date and listens.
 * @throws Error whose message says what to do: the settings are wrong (`isSettingsError`), the database cannot be used,
 *   the address cannot be listened on
 */
export async function startMonolith(
  env: Readonly<Record<string, string | undefined>>,
): Promise<RunningMonolith> {
  const { host, port, logLevel, ...parts } = readSettings(env);
  const { databaseUrl, authDelegation, customers } = parts;
  const log = createLog({ name: 'monolith', level: logLevel });
  const migrated = await migrate({ url: databaseUrl, folder: schemaFolder }).catch((cause: unknown) => {
    throw databaseError(databaseUrl, cause);
  });
  const monolith = createMonolith({ ...parts, log });
  const served = await serve(monolith.listener, { host, port, name: 'the monolith' }).catch(
    async (error: unknown) => {
      await monolith.close();
      throw error;
    },
  );
  const asks = { authDelegation: authDelegation.kind, customers: customers.kind };
  log.info({ url: served.url, migrated, ...asks }, 'listening');
  return {
    url: served.url,
    async stop() {
      await served.close();
      await monolith.close();
      log.info('stopped');
    },
  };
}

/** Names the server and the database, never the user or the password. */
function databaseError(databaseUrl: string, cause: unknown): Error {
  const { host, pathname } = new URL(databaseUrl);
  // Node reports a refused connection to several addresses as an AggregateError without a message.
  const said = messageOf(cause) || (codeOf(cause) ?? 'no reason was given');
  return new Error(
    `the database ${host}${pathname} cannot be used: ${said}. Is PostgreSQL running there, and is DATABASE_URL right?`,
    { cause },
  );
}
