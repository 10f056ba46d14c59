import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import type { Side, Stage } from '#flags/stages.ts';
import { lead } from '#proxy/control/mover/leader.ts';
import type { MoverStatus } from '#proxy/control/mover/mover-status.ts';
import { startMover, type Mover } from '#proxy/control/mover/mover.ts';
import type { Engine } from '#proxy/cutover/engine.types.ts';
import { engine } from '#proxy/cutover/engine.ts';
import { itemsWorld, quiet, type ItemsWorld } from '../../cutover/move/support/items.ts';

// Rows that changed while nothing was captured are wrong on the other side until the comparison has mended them: whoever
// moves before that loses writes. Here it begins only when it is let, so that a mover that does not wait for it is caught.

let world: ItemsWorld;
let stage: Stage = 'dualwrite';
let mover: Mover;
let mayCompare: PromiseWithResolvers<void>;

beforeAll(async () => {
  world = await itemsWorld({ rows: 6 });
  await world.unfollow();
  mayCompare = Promise.withResolvers();
  mayCompare.resolve();
  mover = start();
  await until(({ phase }) => phase === 'following');
});
afterEach(() => mayCompare.resolve());
afterAll(async () => {
  await mover.stop();
  await world.drop();
});

function start(): Mover {
  const waiting: Engine = {
    ...engine,
    verify: async (options) => {
      await mayCompare.promise;
      return engine.verify(options);
    },
  };
  return startMover({
    plan: world.plan,
    limits: { outboxBytes: 2 ** 30, outboxAgeMs: 3_600_000, verifyWithinMs: 60_000, workers: 1 },
    engine: waiting,
    lead,
    stage: () => stage,
    log: quiet,
    backoffMs: 50,
    lookMs: 20,
  });
}

async function until(holds: (status: MoverStatus) => boolean): Promise<void> {
  for (let tries = 0; !holds(mover.status()); tries += 1) {
    if (tries > 600) throw new Error(`still ${JSON.stringify(mover.status())}`);
    await delay(50);
  }
}

async function owns(side: Side): Promise<void> {
  for (let tries = 0; !(await world.state(side)).startsWith('owner'); tries += 1) {
    if (tries > 600) throw new Error(`still ${JSON.stringify(mover.status())}`);
    await delay(50);
  }
}

const write = (side: Side, value: string): Promise<unknown> =>
  world.databases[side].query(
    `update items set value = '${value}' where id <= 2; delete from items where id = 3;
     delete from items where id = 4; insert into items (id, value) values (4, '${value}')`,
  );
const read = async (side: Side): Promise<unknown> =>
  world.databases[side].query('select id::int, value from items order by id');
const expected = (value: string): unknown =>
  [1, 2, 4, 5, 6].map((id) => ({ id, value: id > 4 ? 'v0' : value }));

test('off, and straight to live, to a side that has owned the data before', async () => {
  stage = 'live';
  await owns('service');
  stage = 'off';
  await until(({ phase }) => phase === 'off');
  await write('monolith', 'unseen');
  mayCompare = Promise.withResolvers();
  stage = 'live';
  await until(({ phase }) => phase === 'verifying');
  await delay(1_000);
  expect(await world.state('monolith')).toMatch(/^owner/);
  mayCompare.resolve();
  await owns('service');
  expect(await read('service')).toEqual(expected('unseen'));
}, 60_000);

test('the capture of the service ends while it owns the data, and the stage goes to off', async () => {
  await until(({ phase }) => phase === 'following');
  await mover.stop();
  await world.databases.service.query(`select banyan.stop_capture('things', 'the outbox grew')`);
  await write('service', 'uncaptured');
  mover = start();
  await until(({ phase }) => phase === 'stopped');
  expect(mover.status().lastError).toContain('the outbox grew');
  mayCompare = Promise.withResolvers();
  stage = 'off';
  await until(({ phase }) => phase === 'verifying');
  await delay(1_000);
  expect(await world.state('service')).toMatch(/^owner/);
  mayCompare.resolve();
  await until(({ phase }) => phase === 'off');
  await owns('monolith');
  expect(await read('monolith')).toEqual(expected('uncaptured'));
}, 60_000);

test('and once mended, it comes back at once, without a comparison', async () => {
  stage = 'dualwrite';
  await until(({ phase }) => phase === 'following');
  stage = 'live';
  await owns('service');
  await write('service', 'back');
  mayCompare = Promise.withResolvers();
  stage = 'shadow';
  await owns('monolith');
  expect(await read('monolith')).toEqual(expected('back'));
}, 60_000);
