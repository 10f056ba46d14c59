import { fileURLToPath } from 'node:url';
import { migrate } from '#shared/postgres/migrate.ts';

/** The PostgreSQL schema that holds all of Banyan's own state. */
export const stateSchema = 'banyan_control';

const folder = fileURLToPath(new URL('schema', import.meta.url));
const waitMs = 10_000;

/**
 * Brings the state database up to date. Files only ever add, so that an older proxy goes on working beside a newer one.
 * Two that start at once wait for each other.
 * @param url `postgres://…`; the role needs CREATE on the database the first time, and only then
 * @returns the names of the files that ran now
 * @throws an Error when the database is not there, or the role may not do it
 */
export function prepareState(url: string): Promise<string[]> {
  return migrate({ url, folder, schema: stateSchema, waitMs });
}
