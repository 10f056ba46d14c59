import { afterAll, expect, test } from '@jest/globals';
import { install } from '#proxy/cutover/install/install.ts';
import { uninstall } from '#proxy/cutover/install/uninstall.ts';
import { bareWorld, pairs, type World } from '../support/world.ts';
import { traces } from '../support/traces.ts';

const worlds: World[] = [];
afterAll(async () => {
  for (const world of worlds) await world.drop();
});

// A right that was given and taken leaves an explicit list behind (relacl), which says what was true without it: the owner's.
const withoutRights = (trace: string) => trace.replace(/ \{.*\}$/, '').trimEnd();
const rightsOfOthers = (list: string[]) =>
  list.filter((trace) => /applier_|banyan_definer/.test(trace) || trace.startsWith('rights of'));

test.each(pairs)('%s: every schema, type, trigger, right and role is gone', async (pair) => {
  const world = await bareWorld(pair);
  worlds.push(world);
  for (const side of ['monolith', 'service'] as const) {
    const database = world.databases[side];
    const before = await traces(database);
    await install(world.plan, side);
    expect((await traces(database)).length).toBeGreaterThan(before.length + 30);
    await uninstall(world.plan, side);
    const after = await traces(database);
    expect(after.map(withoutRights)).toEqual(before.map(withoutRights));
    expect(rightsOfOthers(after)).toEqual([]);
    expect((await uninstall(world.plan, side)).changes).toEqual([]);
  }
});

test('the applier’s role goes as well, unless it was there before', async () => {
  const world = await bareWorld('second');
  worlds.push(world);
  const applier = new URL(world.plan.databases.monolith.url).username;
  const there = () => world.databases.monolith.query('select from pg_roles where rolname = $1', [applier]);
  await install(world.plan, 'monolith');
  expect(await there()).toHaveLength(1);
  await uninstall(world.plan, 'monolith');
  expect(await there()).toHaveLength(0);
  await world.databases.monolith.query(`create role ${applier} login`);
  await install(world.plan, 'monolith');
  await uninstall(world.plan, 'monolith');
  expect(await there()).toHaveLength(1);
  await world.databases.monolith.query(`drop role ${applier}`);
});
