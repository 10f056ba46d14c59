import { Agent } from 'node:http';
import { loadavg } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { Side } from '#flags/stages.ts';
import { openPools } from '#proxy/cutover/move/move.ts';
import { closePools } from '#proxy/cutover/move/wanted.ts';
import { noteWishes } from '#proxy/cutover/move/wishes.ts';
import { otherSide } from '#proxy/cutover/plan.ts';
import { send } from '#test/model/history/fleet/client.ts';
import { startFleet } from '#test/model/history/fleet/fleet.ts';
import { createCookieJar } from '#test/model/history/fleet/seen.ts';
import { itemsWorld, type ItemsWorld } from '#test/proxy/cutover/move/support/items.ts';
import { showProgress } from '#test/support/long-run.ts';
import { tellGoal } from '../goals.ts';
import { startRunning } from './running.ts';

const callers = 24;
/** Of each write; the first right behind its answer. */
const readsOfWrite = 6;
const moved = Array.from({ length: 8 }, (_, bucket) => bucket);
const betweenMovesMs = 1_000;

/**
 * Reads behind their caller's own write, each through any of several proxies, while buckets move: half of them through three
 * proxies with a configured secret, half through two workers of one `banyan run` that drew one.
 */
export async function measureOwnReads({ reads }: { readonly reads: number }): Promise<void> {
  const half = Math.ceil(reads / 2);
  const fleetSeen = await withWorld(async (world) => {
    const fleet = await startFleet(world, { clockShiftMs: -90_000 });
    try {
      return await read(world, { urls: fleet.urls, reads: half, what: 'three proxies' });
    } finally {
      await fleet.end();
    }
  });
  const workersSeen = await withWorld(async (world) => {
    const running = await startRunning(world);
    try {
      return await read(world, { urls: [running.url], reads: half, what: 'two workers' });
    } finally {
      await running.end();
    }
  });
  const all = fleetSeen.reads + workersSeen.reads;
  process.stdout.write(
    `\nread-your-writes: ${all} reads behind own writes, ${fleetSeen.ofCopy + workersSeen.ofCopy} of a copy; load ${loadavg()[0]?.toFixed(1)}\n`,
  );
  tellGoal({
    what: `reads from before one’s own write, of ${all}`,
    had: fleetSeen.violations + workersSeen.violations,
    wanted: 0,
    is: 'at most',
    unit: 'reads',
  });
}

interface Seen {
  readonly reads: number;
  readonly ofCopy: number;
  readonly violations: number;
}

async function withWorld(work: (world: ItemsWorld) => Promise<Seen>): Promise<Seen> {
  const world = await itemsWorld({ buckets: 256 });
  await world.unfollow();
  try {
    return await work(world);
  } finally {
    await world.drop();
  }
}

async function read(
  world: ItemsWorld,
  { urls, reads, what }: { readonly urls: readonly string[]; readonly reads: number; readonly what: string },
): Promise<Seen> {
  const keys = (await Promise.all(moved.map((bucket) => world.idsIn(bucket, callers / moved.length)))).flat();
  const progress = showProgress({ what: `reads behind own writes through ${what}`, total: reads });
  const seen = { reads: 0, ofCopy: 0, violations: 0 };

  async function caller(number: number): Promise<void> {
    const agents = urls.map(() => new Agent({ keepAlive: true, maxSockets: 2 }));
    const jar = createCookieJar(number % 2 === 0 ? 'cookie' : 'header');
    const ask = (kind: 'read' | 'write', value?: string) => {
      const at = Math.floor(Math.random() * urls.length);
      const agent = agents[at];
      if (agent === undefined) throw new Error('there is no proxy');
      return send(`${urls[at]}/items/${keys[number]}`, { kind, value, agent, seen: jar });
    };
    for (let turn = 0; seen.reads < reads; turn += 1) {
      const value = `c${number}-${turn}`;
      const { status } = await ask('write', value);
      if (status !== 200) throw new Error(`a write was told ${status}`);
      for (let at = 0; at < readsOfWrite; at += 1) {
        const { body, isOwned } = await ask('read');
        seen.reads += 1;
        if (!isOwned) seen.ofCopy += 1;
        if (body !== value) seen.violations += 1;
        progress.step();
      }
    }
    for (const agent of agents) agent.destroy();
  }

  const done = { yes: false };
  const moving = (async () => {
    const pools = openPools(world.plan, 1);
    for (let to: Side = 'service'; !done.yes; to = otherSide(to)) {
      await noteWishes(pools.monolith, { group: 'things', buckets: moved, to, by: 'bench' });
      await world.move(to, { buckets: moved, checks: 'none' });
      await delay(betweenMovesMs);
    }
    await closePools(pools);
  })();
  try {
    await Promise.all(keys.map((_, number) => caller(number)));
  } finally {
    done.yes = true;
    await moving;
  }
  progress.end();
  return seen;
}
