import { readConfig } from '#proxy/config/read.ts';
import { installMigration } from '#proxy/control/install-migration.ts';
import type { CopyDatabases } from './copy-databases.ts';
import type { Migration } from './migration.ts';

/**
 * Gate and capture in both databases, as `banyan cutover install` puts them there.
 * @throws an Error that names what stands in the way
 */
export async function installCopy(
  migration: Pick<Migration, 'name' | 'config' | 'proxyEnv'>,
  databases: CopyDatabases,
): Promise<void> {
  const config = readConfig(migration.config, { ...process.env, ...migration.proxyEnv, ...databases });
  await installMigration(config, migration.name);
}
