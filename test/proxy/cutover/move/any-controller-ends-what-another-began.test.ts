import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Side } from '#flags/stages.ts';
import type { StepName } from '#proxy/cutover/move/facts.types.ts';
import type { MoveBounds } from '#proxy/cutover/move/move.types.ts';
import { itemsWorld, type ItemsWorld } from './support/items.ts';
import { rowsOf, startWriters, type Writers } from './support/writers.ts';

let world: ItemsWorld;
let writers: Writers | undefined;
beforeEach(async () => {
  world = await itemsWorld({ rows: 6 });
});
afterEach(async () => {
  await writers?.stop();
  writers = undefined;
  await world.drop();
});

const child = fileURLToPath(new URL('support/move-child.ts', import.meta.url));

/** @returns the signal that ended it */
async function dies(dieAfter: StepName, to: Side, bounds: Partial<MoveBounds> = {}): Promise<unknown> {
  const task = { plan: world.plan, to, buckets: [0], checks: 'none', bounds, dieAfter };
  const { NODE_OPTIONS: _, ...env } = process.env;
  const controller = spawn(process.execPath, [child], {
    env: { ...env, MOVE_TASK: JSON.stringify(task) },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [, signal] = (await once(controller, 'exit')) as [unknown, unknown];
  return signal;
}

describe('a controller is killed', () => {
  test('after the fence: another one, with the same wish, finishes', async () => {
    writers = await startWriters({ databases: world.databases, ids: [['1', '2'], ['3']] });
    expect(await dies('fence', 'service')).toBe('SIGKILL');
    expect(await world.state('monolith')).toBe('fenced 2');
    expect((await world.move('service')).outcomes).toMatchObject([{ end: 'moved' }]);
    await writers.stop();
    expect([...(await world.equal())]).toEqual(expect.arrayContaining([...rowsOf(writers)]));
  });

  test('after the fence: another one, with the opposite wish, ends it and moves back', async () => {
    writers = await startWriters({ databases: world.databases, ids: [['1', '2'], ['3']] });
    expect(await dies('fence', 'service')).toBe('SIGKILL');
    expect((await world.move('monolith')).outcomes).toMatchObject([{ end: 'moved' }]);
    expect(await world.state('monolith')).toBe('owner 3');
    await writers.stop();
    expect([...(await world.equal())]).toEqual(expect.arrayContaining([...rowsOf(writers)]));
  });

  test('after the commit: it is done', async () => {
    expect(await dies('commit', 'service')).toBe('SIGKILL');
    expect(await world.state('service')).toBe('owner 2');
    const { outcomes } = await world.move('service');
    expect(outcomes).toEqual([{ bucket: 0, end: 'moved', reason: '', pauseMs: undefined }]);
  });

  test('after the abort: another one opens the old owner again, whatever is wished', async () => {
    await world.unfollow();
    expect(await dies('abort', 'service', { withinMs: 50 })).toBe('SIGKILL');
    expect(await world.state('monolith')).toBe('fenced 2');
    expect(await world.state('service')).toBe('follower 3');
    await world.move('monolith', { checks: 'none' });
    expect(await world.state('monolith')).toBe('owner 3');
    await world.databases.monolith.query(`update items set value = 'goes on' where id = 1`);
  });

  test('after the reopening: all is at rest', async () => {
    await world.unfollow();
    expect(await dies('reopen', 'service', { withinMs: 50 })).toBe('SIGKILL');
    expect(await world.state('monolith')).toBe('owner 3');
    expect(await world.state('service')).toBe('follower 3');
  });

  test('before the drain, and the bound is over when another one comes: by the age in the audit it undoes', async () => {
    await world.unfollow();
    expect(await dies('fence', 'service')).toBe('SIGKILL');
    await world.databases.monolith.query(`update banyan.audit set at = at - interval '1 minute'`);
    const { outcomes } = await world.move('service', { checks: 'none', bounds: { withinMs: 30_000 } });
    expect(outcomes).toMatchObject([{ end: 'undone' }]);
  });
});

test('two controllers with one wish, and two with opposite wishes, do no harm', async () => {
  writers = await startWriters({
    databases: world.databases,
    ids: [
      ['1', '2'],
      ['3', '4'],
      ['5', '6'],
    ],
  });
  for (let round = 0; round < 3; round += 1) {
    const same = await Promise.all([world.move('service'), world.move('service')]);
    expect(same.map(({ outcomes }) => outcomes[0]?.end)).toEqual(['moved', 'moved']);
    await Promise.all([
      world.move('monolith', { checks: 'none' }),
      world.move('service', { checks: 'none' }),
    ]);
    await world.move('monolith');
  }
  await writers.stop();
  expect(await world.equal()).toEqual(rowsOf(writers));
});
