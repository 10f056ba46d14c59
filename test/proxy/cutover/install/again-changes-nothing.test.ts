import { afterAll, expect, test } from '@jest/globals';
import { install, upgrade } from '#proxy/cutover/install/install.ts';
import { installed } from '#proxy/cutover/install/installed.ts';
import { bareWorld, pairs, type World } from '../support/world.ts';

const worlds: World[] = [];
afterAll(async () => {
  for (const world of worlds) await world.drop();
});

test.each(pairs)('%s: a second installation and an upgrade find all as wanted', async (pair) => {
  const world = await bareWorld(pair);
  worlds.push(world);
  for (const side of ['monolith', 'service'] as const) {
    expect(await installed(world.plan, side)).toBeUndefined();
    const first = await install(world.plan, side);
    expect(first.changes).toContain(`installation as ${side}`);
    expect((await install(world.plan, side)).changes).toEqual([]);
    expect((await upgrade(world.plan, side)).changes).toEqual([]);
    const state = await installed(world.plan, side);
    expect(state?.differences).toEqual([]);
    expect(state?.version).toBeGreaterThan(0);
  }
});
