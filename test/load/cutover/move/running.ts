import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setStage } from '#flags/edit-file.ts';
import type { Stage } from '#flags/stages.ts';
import { freePort } from '#shared/postgres/embedded.ts';
import { fleetConfig, fleetFlags } from '#test/model/history/fleet/config.ts';
import { startSystems } from '#test/model/history/fleet/systems.ts';
import type { ItemsWorld } from '#test/proxy/cutover/move/support/items.ts';
import { startBanyanRun } from '#test/support/banyan-run.ts';

export interface Running {
  readonly url: string;
  setStage(stage: Stage): Promise<void>;
  end(): Promise<void>;
}

/** `banyan run` with two workers and a mover over a world, and both systems; no secret is configured. */
export async function startRunning(world: ItemsWorld): Promise<Running> {
  const folder = mkdtempSync(join(tmpdir(), 'banyan-bench-'));
  const { systems, ports } = await startSystems(world);
  const flags = join(folder, 'flags.json');
  writeFileSync(flags, JSON.stringify(fleetFlags));
  const config = join(folder, 'banyan.yaml');
  const [port, adminPort] = [await freePort(), await freePort()];
  const { ownership: _, ...rest } = fleetConfig({ plan: world.plan, port, systems: ports });
  writeFileSync(config, JSON.stringify({ ...rest, admin: { port: adminPort }, workers: 2 }));
  const banyan = startBanyanRun({ config, port, adminPort });
  await banyan.until(({ workers }) => workers.length === 2);
  return {
    url: banyan.url,
    async setStage(stage) {
      await setStage({ file: flags, flag: 'things-stage', stage });
    },
    async end() {
      await banyan.end('SIGTERM');
      await Promise.all(systems.map((system) => system.end()));
      rmSync(folder, { recursive: true });
    },
  };
}
