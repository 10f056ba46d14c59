import type { Stage } from '#flags/stages.ts';
import type { Config } from '#proxy/config/schema.ts';
import { routeTable } from '#proxy/route/table.ts';
import { openConfiguredFlags, silentLog } from './configured-flags.ts';

/** The stage that a migration's flag is at, for one look; `undefined` where it can't be told. */
export async function stageNow(config: Config, migration: string): Promise<Stage | undefined> {
  try {
    const table = routeTable(config);
    const flags = await openConfiguredFlags(config, { table, log: silentLog(), forOneLook: true });
    try {
      const { migration: flag } = table.flags.ofMigration(migration);
      const stage = flags.stage(flag);
      const isKnown =
        flags.status().state !== 'never-loaded' && flags.standIns().every((one) => one.flag !== flag.key);
      return isKnown ? stage : undefined;
    } finally {
      await flags.close();
    }
  } catch {
    return undefined;
  }
}
