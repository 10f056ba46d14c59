import type { Config } from '#proxy/config/schema.ts';
import { engine } from '#proxy/cutover/engine.ts';
import { cutoverPlans } from '#proxy/cutover/plan.ts';
import { routeTable } from '#proxy/route/table.ts';
import type { Logger } from '#shared/telemetry/log.ts';
import { openConfiguredFlags } from '../configured-flags.ts';
import { lead } from './leader.ts';
import { moverLimits } from './limits.ts';
import { startMover } from './mover.ts';
import type { MoverReport } from './mover-messages.ts';
import type { MoverStatus } from './mover-status.ts';

export interface MoverRole {
  status(): MoverStatus[];
  stop(): Promise<void>;
}

const reportMs = 1_000;

/**
 * The mover role: the copies of every migration that has `data`, each as its flag's stage wants it. A child of `banyan run`
 * tells its parent how they are.
 * @throws FlagFileError when the flag file is wrong
 */
export async function startMoverRole(config: Config, log: Logger): Promise<MoverRole> {
  const table = routeTable(config);
  const flags = await openConfiguredFlags(config, { table, log });
  const movers = cutoverPlans(config).flatMap((plan) => {
    const data = config.migrations[plan.migration]?.data;
    if (data === undefined) return [];
    const { migration } = table.flags.ofMigration(plan.migration);
    return [
      startMover({ plan, limits: moverLimits(data), engine, lead, log, stage: () => flags.stage(migration) }),
    ];
  });
  const status = (): MoverStatus[] => movers.map((mover) => mover.status());
  const report = setInterval(() => {
    const message: MoverReport = { banyan: 'mover', movers: status() };
    if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
  }, reportMs);
  return {
    status,
    async stop() {
      clearInterval(report);
      await Promise.all(movers.map((mover) => mover.stop()));
      await flags.close();
    },
  };
}

/** Whether a configuration has anything to move. */
export function hasData({ migrations }: Config): boolean {
  return Object.values(migrations).some(({ data }) => data !== undefined);
}
