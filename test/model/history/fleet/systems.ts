import { fileURLToPath } from 'node:url';
import type { Side } from '#flags/stages.ts';
import { bucketSql } from '#proxy/cutover/bucket.ts';
import { bothSides } from '#proxy/cutover/plan.ts';
import { freePort } from '#shared/postgres/embedded.ts';
import type { ItemsWorld } from '#test/proxy/cutover/move/support/items.ts';
import { startChild, type Child } from './child.ts';

export interface Systems {
  readonly systems: readonly Child[];
  readonly ports: Readonly<Record<Side, number>>;
}

const program = fileURLToPath(new URL('system-child.ts', import.meta.url));

/** The two systems over the two databases, each a process of its own. */
export async function startSystems(world: ItemsWorld): Promise<Systems> {
  const [dataset] = world.plan.groups.flatMap(({ datasets }) => datasets);
  if (dataset === undefined) throw new Error('the plan has no dataset');
  const ports = { monolith: await freePort(), service: await freePort() };
  const systems = await Promise.all(
    bothSides.map((side) =>
      startChild({
        name: `system ${side}`,
        program,
        environment: {
          SYSTEM_SIDE: side,
          SYSTEM_PORT: String(ports[side]),
          SYSTEM_DATABASE: world.databases[side].url,
          SYSTEM_BUCKET: bucketSql(dataset, side, 't'),
        },
        isReady: (message) => message === 'ready',
      }),
    ),
  );
  return { systems, ports };
}
