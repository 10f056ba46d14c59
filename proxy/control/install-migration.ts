import type { Config } from '#proxy/config/schema.ts';
import { install } from '#proxy/cutover/install/install.ts';
import { cutoverPlans } from '#proxy/cutover/plan.ts';

/**
 * Installs gate and capture of one migration on both sides, for whoever starts a whole landscape.
 * @throws an Error when the migration has no data, and what `install` throws
 */
export async function installMigration(config: Config, name: string): Promise<void> {
  const plan = cutoverPlans(config).find(({ migration }) => migration === name);
  if (plan === undefined) throw new Error(`the migration "${name}" has no data to copy`);
  await install(plan, 'monolith');
  await install(plan, 'service');
}
