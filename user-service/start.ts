import { fileURLToPath } from 'node:url';
import { codeOf } from '#shared/errors/code.ts';
import { messageOf } from '#shared/errors/message.ts';
import { serve } from '#shared/http/serve.ts';
import { migrate } from '#shared/postgres/migrate.ts';
import { createLog } from '#shared/telemetry/log.ts';
import { createUserService } from './app.ts';
import { isDatabaseUnavailable } from './database/unavailable.ts';
import { readSettings } from './settings.ts';

export interface RunningUserService {
  /** `http://host:port` */
  readonly url: string;
  /** Lets running requests finish (10 s at most), then ends the database connections. */
  stop(): Promise<void>;
}

const schemaFolder = fileURLToPath(new URL('schema', import.meta.url));

/**
 * Reads the environment, brings the database up to date and listens.
 * @throws Error whose message says what to do: the settings are wrong (`isSettingsError`), the database does not answer
 *   or refuses a migration, the address cannot be listened on
 */
export async function startUserService(
  env: Readonly<Record<string, string | undefined>>,
): Promise<RunningUserService> {
  const { databaseUrl, host, port, introspectionKey, logLevel, passwordCost } = readSettings(env);
  const log = createLog({ name: 'user-service', level: logLevel });
  const migrated = await migrate({ url: databaseUrl, folder: schemaFolder }).catch((cause: unknown) => {
    throw databaseError(databaseUrl, cause);
  });
  const service = createUserService({ databaseUrl, introspectionKey, log, passwordCost });
  const served = await serve(service.listener, { host, port, name: 'the user-service' }).catch(
    async (error: unknown) => {
      await service.close();
      throw error;
    },
  );
  log.info({ url: served.url, migrated }, 'listening');
  return {
    url: served.url,
    async stop() {
      await served.close();
      await service.close();
      log.info('stopped');
    },
  };
}

/** Names the server and the database, never the user or the password. */
function databaseError(databaseUrl: string, cause: unknown): Error {
  const { host, pathname } = new URL(databaseUrl);
  const place = `${host}${pathname}`;
  const code = codeOf(cause);
  const shown = code === undefined ? '' : ` (${code})`;
  if (isDatabaseUnavailable(cause)) {
    return new Error(
      `the database ${place} does not answer${shown}: start PostgreSQL there, or correct DATABASE_URL`,
      { cause },
    );
  }
  return new Error(`the database ${place} cannot be used${shown}: ${messageOf(cause)}`, { cause });
}
