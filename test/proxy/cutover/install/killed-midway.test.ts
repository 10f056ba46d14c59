import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { install } from '#proxy/cutover/install/install.ts';
import { installed } from '#proxy/cutover/install/installed.ts';
import { uninstall } from '#proxy/cutover/install/uninstall.ts';
import { bareWorld, type World } from '../support/world.ts';
import { traces } from '../support/traces.ts';

let world: World;
let before: string[];
beforeAll(async () => {
  world = await bareWorld('sample');
  before = await traces(world.databases.monolith);
});
afterAll(() => world.drop());

const kill = (text: string) =>
  world.databases.monolith.query<{ killed: boolean }>(
    `select pg_terminate_backend(pid) as killed from pg_stat_activity
     where datname = current_database() and application_name = 'banyan install' ${text}`,
  );

/** Ends the installer's session as a SIGKILL of its process would, wherever it just is. */
async function killedAfter(ms: number): Promise<void> {
  const running = install(world.plan, 'monolith').then(
    () => 'finished',
    () => 'killed',
  );
  await delay(ms);
  await kill('');
  await running;
}

test('killed at many moments, it can be taken out without a trace', async () => {
  for (const ms of [15, 40, 70]) {
    await killedAfter(ms);
    await uninstall(world.plan, 'monolith');
    const bare = (list: string[]) => list.map((trace) => trace.replace(/ ?\{.*\}$/, '').trimEnd());
    expect(bare(await traces(world.databases.monolith))).toEqual(bare(before));
  }
});

test('killed at many moments, it is finished by the next one', async () => {
  for (const ms of [10, 20, 30, 45, 60, 80]) await killedAfter(ms);
  await install(world.plan, 'monolith');
  expect((await installed(world.plan, 'monolith'))?.differences).toEqual([]);
});

test('two at once do no harm', async () => {
  await uninstall(world.plan, 'monolith');
  const [one, other] = await Promise.all([install(world.plan, 'monolith'), install(world.plan, 'monolith')]);
  expect([one.changes.length, other.changes.length].toSorted((a, b) => a - b)[0]).toBe(0);
  expect((await installed(world.plan, 'monolith'))?.differences).toEqual([]);
});
