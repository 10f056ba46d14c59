import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Side } from '#flags/stages.ts';
import { moveBuckets, openPools } from '#proxy/cutover/move/move.ts';
import type { MoveBounds } from '#proxy/cutover/move/move.types.ts';
import { readStandings, type SidePools } from '#proxy/cutover/move/read-facts.ts';
import { closePools } from '#proxy/cutover/move/wanted.ts';
import { noteWishes } from '#proxy/cutover/move/wishes.ts';
import { bothSides, otherSide } from '#proxy/cutover/plan.ts';
import { quiet, type ItemsWorld } from '#test/proxy/cutover/move/support/items.ts';
import type { Random } from '#test/proxy/cutover/history/support/writes.ts';
import type { Fleet } from './fleet.ts';

/** Moves buckets back and forth, and breaks what can be broken meanwhile. */
export interface Driver {
  /** Buckets at random get a side at random: by the mover, by this process, by one that dies, or by two at once. */
  round(): Promise<void>;
  /** One fault at random, the rarer the more it stops. */
  fault(): Promise<string>;
  /** Waits until every bucket is where it was wished last, and nothing is half done. */
  settle(): Promise<void>;
  /** Buckets handed over, and moves undone, as the databases' audits say. */
  counts(): Promise<{ readonly moved: number; readonly undone: number }>;
  end(): Promise<void>;
}

const bounds: Partial<MoveBounds> = { withinMs: 1_500, giveUpMs: 3_000 };
const controller = fileURLToPath(
  new URL('../../../proxy/cutover/move/support/move-child.ts', import.meta.url),
);

export function startDriver(options: {
  readonly world: ItemsWorld;
  readonly fleet: Fleet;
  readonly buckets: readonly number[];
  readonly random: Random;
}): Driver {
  const { world, fleet, buckets, random } = options;
  const { plan } = world;
  const pools: SidePools = openPools(plan, 2);
  const wished = new Map<number, Side>();

  async function wish(to: Side, chosen: readonly number[]): Promise<void> {
    await noteWishes(pools.monolith, { group: 'things', buckets: chosen, to, by: 'history' });
    for (const bucket of chosen) wished.set(bucket, to);
  }
  const move = (to: Side, chosen: readonly number[], by: string) =>
    moveBuckets({ plan, group: 'things', to, buckets: chosen, by, log: quiet, checks: 'none', bounds });

  async function areThere(chosen: readonly number[], to: Side): Promise<boolean> {
    const found = await readStandings(pools, 'things', chosen);
    return (
      found.length === chosen.length &&
      found.every(({ stands }) => stands.kind === 'at-rest' && stands.owner === to)
    );
  }
  async function until(what: string, holds: () => Promise<boolean>, withinMs: number): Promise<void> {
    const end = performance.now() + withinMs;
    while (!(await holds().catch(() => false))) {
      if (performance.now() > end) throw new Error(`never ${what}`);
      await delay(25);
    }
  }

  async function dyingController(to: Side, chosen: readonly number[]): Promise<void> {
    const { NODE_OPTIONS: _, ...env } = process.env;
    const dieAfter = random(2) === 0 ? 'fence' : 'commit';
    const task = { plan, to, buckets: chosen, checks: 'none', dieAfter, bounds };
    const child = spawn(process.execPath, [controller], {
      env: { ...env, MOVE_TASK: JSON.stringify(task) },
      stdio: 'ignore',
    });
    await once(child, 'exit');
  }

  const ways: readonly (readonly [
    share: number,
    move: (to: Side, chosen: readonly number[]) => Promise<unknown>,
  ])[] = [
    [60, (to, chosen) => move(to, chosen, 'history')],
    [20, (to, chosen) => Promise.all([move(to, chosen, 'one'), move(to, chosen, 'another')])],
    // Whoever leads brings it there; what is held up by a fault is waited for when the generation ends.
    [15, (to, chosen) => until('moved', () => areThere(chosen, to), 2_000).catch(() => undefined)],
    [5, dyingController],
  ];

  const one = <Item>(items: readonly Item[]): Item => {
    const item = items[random(items.length)];
    if (item === undefined) throw new Error('nothing to choose from');
    return item;
  };
  const cut = async (applications: string): Promise<void> => {
    for (const side of bothSides)
      await world.databases[side].query(
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()
           and application_name like $1 and pid % 2 = $2`,
        [applications, random(2)],
      );
  };
  const faults: readonly (readonly [share: number, name: string, run: () => Promise<unknown>])[] = [
    [4, 'a proxy is killed', () => one(fleet.proxies).killAndStart()],
    [2, 'a mover is killed', () => one(fleet.movers).killAndStart()],
    [2, 'a system is killed', () => one(fleet.systems).killAndStart()],
    [4, 'connections of systems are cut', () => cut('history system%')],
    [3, 'connections of movers are cut', () => cut('banyan%')],
    [4, 'a proxy stops for a while', () => one(fleet.proxies).stopFor(50 + random(1_000))],
    [2, 'a mover stops for a while', () => one(fleet.movers).stopFor(50 + random(1_500))],
    [2, 'a system stops for a while', () => one(fleet.systems).stopFor(50 + random(800))],
    [
      5,
      'a proxy hears no news for a while',
      async () => {
        fleet.letStaleProxyHear(false);
        await delay(200 + random(2_000));
        fleet.letStaleProxyHear(true);
      },
    ],
  ];
  const byShare = <Item extends readonly [share: number, ...unknown[]]>(items: readonly Item[]): Item => {
    let at = random(items.reduce((sum, [share]) => sum + share, 0));
    for (const item of items) {
      at -= item[0];
      if (at < 0) return item;
    }
    return one(items);
  };

  return {
    async round() {
      // Mostly to the side that has fewer, so that there is something to move.
      const onService = buckets.filter((bucket) => wished.get(bucket) === 'service').length;
      const fewer: Side = onService * 2 < buckets.length ? 'service' : 'monolith';
      const to = random(5) === 0 ? otherSide(fewer) : fewer;
      const others = buckets.filter((bucket) => wished.get(bucket) !== to);
      const chosen = others.filter(() => random(4) > 0);
      if (chosen.length === 0) return;
      await wish(to, chosen);
      const [, way] = byShare(ways);
      // A connection that a fault cuts, or a side that does not answer, ends one try; the mover goes on with it.
      await way(to, chosen).catch(() => undefined);
    },
    async fault() {
      const [, name, run] = byShare(faults);
      await run();
      return name;
    },
    async settle() {
      for (const to of bothSides) {
        const chosen = buckets.filter((bucket) => wished.get(bucket) === to);
        if (chosen.length > 0) await until(`at rest on the ${to}`, () => areThere(chosen, to), 60_000);
      }
    },
    async counts() {
      const sums = await Promise.all(
        bothSides.map(async (side) => {
          const [row] = await world.databases[side].query<{ moved: number; undone: number }>(
            `select count(*) filter (where action = 'commit')::int as moved,
               count(*) filter (where action = 'abort')::int as undone from banyan.audit`,
          );
          return row ?? { moved: 0, undone: 0 };
        }),
      );
      return sums.reduce((sum, one) => ({ moved: sum.moved + one.moved, undone: sum.undone + one.undone }));
    },
    end: () => closePools(pools),
  };
}
