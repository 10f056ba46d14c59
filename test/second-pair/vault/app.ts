import { Pool } from 'pg';
import type { System, SystemOptions } from '../contract/system.types.ts';
import { devicePlaces } from './device-places.ts';
import { documentPlaces } from './document-places.ts';
import { route } from './router.ts';

/** The new system, without a socket. */
export function createVault({ databaseUrl, log, now }: SystemOptions): System {
  const pool = new Pool({ connectionString: databaseUrl, max: 5, application_name: 'vault' });
  pool.on('error', (error) => log.warn({ reason: error.message }, 'an idle database connection broke'));
  const places = { ...documentPlaces(pool, now), ...devicePlaces(pool, now) };
  return { listener: route(places, log), close: () => pool.end() };
}
