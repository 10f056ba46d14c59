import { afterEach, expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import type { Stage } from '#flags/stages.ts';
import { lead } from '#proxy/control/mover/leader.ts';
import type { MoverStatus } from '#proxy/control/mover/mover-status.ts';
import { startMover, type Mover } from '#proxy/control/mover/mover.ts';
import { engine } from '#proxy/cutover/engine.ts';
import { completionObstacles } from '#proxy/cutover/move/completion-obstacles.ts';
import { complete } from '#proxy/cutover/move/completion.ts';
import { openPools } from '#proxy/cutover/move/move.ts';
import { readOwnership } from '#proxy/cutover/move/ownership.ts';
import { recordVerification } from '#proxy/cutover/move/verified.ts';
import { closePools } from '#proxy/cutover/move/wanted.ts';
import { noteWishes } from '#proxy/cutover/move/wishes.ts';
import { createLog } from '#shared/telemetry/log.ts';
import { gatedWorld, pairs, type World } from '../../cutover/support/world.ts';

let world: World;
let mover: Mover;
let stage: Stage = 'off';
afterEach(async () => {
  await mover.stop();
  await world.drop();
});

function start(): Mover {
  return startMover({
    plan: world.plan,
    limits: { outboxBytes: 2 ** 30, outboxAgeMs: 3_600_000, verifyWithinMs: 60_000, workers: 1 },
    engine,
    lead,
    stage: () => stage,
    log: createLog({ name: 'mover', level: process.env['LOG_LEVEL'] ?? 'silent' }),
    backoffMs: 50,
    lookMs: 30,
  });
}

async function until(holds: (status: MoverStatus) => boolean): Promise<MoverStatus> {
  for (let tries = 0; tries < 800; tries += 1) {
    const status = mover.status();
    if (holds(status)) return status;
    await delay(50);
  }
  throw new Error(`still ${JSON.stringify(mover.status())}`);
}

const allAre = async (side: string): Promise<void> => {
  for (let tries = 0; ; tries += 1) {
    const owners = (await readOwnership(world.plan)).map(({ what }) => what);
    if (owners.every((what) => what === `owned by the ${side}`)) return;
    if (tries > 600) throw new Error(`${owners.join('; ')} | ${JSON.stringify(mover.status())}`);
    await delay(50);
  }
};

test.each(pairs)(
  '%s: off → dualwrite → live → shadow → live → off, and forward to complete',
  async (pair) => {
    world = await gatedWorld(pair);
    stage = 'dualwrite';
    mover = start();
    await until(({ phase }) => phase === 'following');
    await allAre('monolith');
    stage = 'live';
    await allAre('service');
    stage = 'shadow';
    await allAre('monolith');
    stage = 'rampdown';
    await allAre('service');

    // A mover that comes new finds a copy that needs no backfill.
    await mover.stop();
    mover = start();
    await until(({ phase, owner }) => phase === 'following' && owner === 'service');
    // Straight to off: back first, and only then is the copy dropped.
    stage = 'off';
    await until(({ phase }) => phase === 'off');
    await allAre('monolith');

    stage = 'dualwrite';
    await until(({ phase }) => phase === 'following');
    stage = 'complete';
    await allAre('service');
    const options = { plan: world.plan, owner: 'service', stillRead: [] } as const;
    expect((await completionObstacles(options)).join('\n')).toContain('not compared since its last move');
    await recordVerification(
      world.plan,
      await engine.verify({
        plan: world.plan,
        owner: 'service',
        mode: 'live',
        signal: new AbortController().signal,
      }),
    );
    // In both pairs, tables that stay refer to one that moved. Here nobody asks, so it is done all the same.
    const obstacles = await completionObstacles(options);
    expect(obstacles).not.toEqual([]);
    for (const obstacle of obstacles) expect(obstacle).toContain('its rows need the copy');
    expect(mover.status()).toMatchObject({
      phase: 'following',
      waitsFor: expect.stringContaining('complete'),
    });
    await complete(world.plan, 'test');
    await until(({ phase }) => phase === 'complete');
    // Whatever the flag says from here on.
    stage = 'off';
    await until(({ phase, stage: seen }) => phase === 'complete' && seen === 'off');
    await delay(300);
    expect(mover.status()).toMatchObject({
      phase: 'complete',
      complete: true,
      streams: [],
      owner: 'service',
    });
    await allAre('service');
  },
  120_000,
);

test('buckets that a command moved stay, until the flag goes back', async () => {
  world = await gatedWorld('second');
  stage = 'shadow';
  mover = start();
  await until(({ phase }) => phase === 'following');
  const pools = openPools(world.plan, 1);
  await noteWishes(pools.monolith, { group: 'devices', buckets: [0, 1, 2], to: 'service', by: 'test' });
  await closePools(pools);
  const canary = async (): Promise<string[]> =>
    (await readOwnership(world.plan)).map(({ group, buckets, what }) => `${group} ${buckets.length} ${what}`);
  const shared = [
    'documents 1 owned by the monolith',
    'devices 3 owned by the service',
    'devices 253 owned by the monolith',
  ];
  const isShared = async (): Promise<boolean> => (await canary()).join(' ') === shared.join(' ');
  for (let tries = 0; tries < 200 && !(await isShared()); tries += 1) await delay(50);
  expect(await canary()).toEqual(shared);
  await delay(300);
  expect(await canary()).toEqual(shared);
  stage = 'dualwrite';
  await allAre('monolith');
}, 60_000);
