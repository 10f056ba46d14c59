import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';
import type { Side } from '#flags/stages.ts';
import type { CutoverPlan } from '#proxy/cutover/plan.types.ts';
import { install } from '#proxy/cutover/install/install.ts';
import { uninstall } from '#proxy/cutover/install/uninstall.ts';
import type { InstallOptions } from '#proxy/cutover/install/report.types.ts';
import { samplePlan } from './sample-plan.ts';
import { secondPlan } from './second-plan.ts';

export interface World {
  readonly plan: CutoverPlan;
  readonly databases: Readonly<Record<Side, TestDatabase>>;
  drop(): Promise<void>;
}

export const pairs = ['sample', 'second'] as const;
export type Pair = (typeof pairs)[number];

/** Both databases of a pair, with nothing of Banyan in them. `drop` takes the roles along. */
export async function bareWorld(pair: Pair): Promise<World> {
  const [monolith, service] = await Promise.all([
    createTestDatabase(pair === 'sample' ? 'monolith' : 'second_old'),
    createTestDatabase(pair === 'sample' ? 'user_service' : 'second_new'),
  ]);
  const urls = { monolith: monolith.url, service: service.url };
  const plan = pair === 'sample' ? samplePlan(urls) : secondPlan(urls);
  return {
    plan,
    databases: { monolith, service },
    async drop() {
      for (const side of ['monolith', 'service'] as const) await uninstall(plan, side);
      await monolith.drop();
      await service.drop();
    },
  };
}

/** The same with gate and capture on both sides; the monolith owns all unless said otherwise. */
export async function gatedWorld(pair: Pair, options: InstallOptions = {}): Promise<World> {
  const world = await bareWorld(pair);
  for (const side of ['monolith', 'service'] as const) await install(world.plan, side, options);
  return world;
}
