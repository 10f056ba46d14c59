import { randomBytes } from 'node:crypto';
import type { EmbeddedPostgres } from '#shared/postgres/embedded.ts';

/** What banyan.yaml's `data` asks of the environment. */
export type CopyDatabases = Readonly<
  Record<
    'MONOLITH_COPY_URL' | 'MONOLITH_INSTALL_URL' | 'USER_SERVICE_COPY_URL' | 'USER_SERVICE_INSTALL_URL',
    string
  >
>;

/** Makes nothing: `banyan cutover install` makes the copy's roles, with passwords that are drawn anew for each run. */
export function copyDatabases(server: Pick<EmbeddedPostgres, 'url'>): CopyDatabases {
  const copy = (database: string, role: string): string =>
    server.url(database, { role, password: randomBytes(32).toString('base64url') });
  return {
    MONOLITH_COPY_URL: copy('monolith', 'monolith_copy'),
    MONOLITH_INSTALL_URL: server.url('monolith'),
    USER_SERVICE_COPY_URL: copy('user_service', 'user_service_copy'),
    USER_SERVICE_INSTALL_URL: server.url('user_service'),
  };
}
