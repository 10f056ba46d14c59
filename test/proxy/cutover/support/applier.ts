import { createHash } from 'node:crypto';

/**
 * The applier's URL of a test database. Roles belong to the whole server, so the name is drawn from the database's: test
 * files that run at once have different ones.
 */
export function applierUrl(databaseUrl: string): string {
  const url = new URL(databaseUrl);
  const digest = createHash('sha256').update(url.pathname).digest('hex');
  url.username = `applier_${digest.slice(0, 16)}`;
  url.password = digest.slice(16, 48);
  return url.href;
}

export interface PairUrls {
  /** As a superuser, of a database with the old system's schema. */
  readonly monolith: string;
  /** As a superuser, of a database with the new system's schema. */
  readonly service: string;
}

export function databasesOf({ monolith, service }: PairUrls) {
  return {
    monolith: { url: applierUrl(monolith), installUrl: monolith },
    service: { url: applierUrl(service), installUrl: service },
  };
}
