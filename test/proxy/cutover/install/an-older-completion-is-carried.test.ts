import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { install, upgrade } from '#proxy/cutover/install/install.ts';
import { schemaFolder } from '#proxy/cutover/install/schema-files.ts';
import { isComplete } from '#proxy/cutover/move/completed.ts';
import { completionObstacles } from '#proxy/cutover/move/completion-obstacles.ts';
import { complete, readBothCompletions } from '#proxy/cutover/move/completion.ts';
import { groupIdsOf, openPools } from '#proxy/cutover/move/move.ts';
import { takeStep } from '#proxy/cutover/move/take-step.ts';
import { closePools } from '#proxy/cutover/move/wanted.ts';
import { bothSides } from '#proxy/cutover/plan.ts';
import { bareWorld, type World } from '../support/world.ts';

let world: World;
let folder: string;
beforeAll(async () => {
  world = await bareWorld('second');
  folder = mkdtempSync(join(tmpdir(), 'banyan-schema-'));
  cpSync(schemaFolder, folder, { recursive: true });
  rmSync(join(folder, '050-completion.sql'));
  const before = pathToFileURL(`${folder}/`);
  for (const side of bothSides) await install(world.plan, side, { folder: before });
});
afterAll(async () => {
  await world.drop();
  rmSync(folder, { recursive: true });
});

test('on an installation of the version before buckets are moved, and to complete asks for the upgrade', async () => {
  expect(await isComplete(world.plan)).toBe(false);
  const pools = openPools(world.plan, 1);
  const { monolith: groupId } = await groupIdsOf(pools, 'documents');
  const fence = { group: 'documents', groupId, bucket: 0, epoch: 1, holdMs: 100, by: 'test' } as const;
  expect(await takeStep(pools.monolith, { ...fence, step: 'fence' }, undefined)).toBe('taken');
  await closePools(pools);
  const obstacles = await completionObstacles({ plan: world.plan, owner: 'service', stillRead: [] });
  expect(obstacles).toEqual(
    expect.arrayContaining(
      bothSides.map((side) => `the ${side} has an older installation: banyan cutover upgrade`),
    ),
  );
  await expect(complete(world.plan, 'test')).rejects.toMatchObject({ name: 'CompletionRefused' });
});

test('what that version completed on one side is so after the upgrade, and the command ends it', async () => {
  const { monolith, service } = world.databases;
  await monolith.query(`update banyan.buckets set state = 'fenced', epoch = 2, fenced_at = 2`);
  await service.query(`update banyan.buckets set state = 'owner', epoch = 2, drained = 2`);
  // It began with the monolith, and died.
  await monolith.query(`select banyan.stop_capture(name, 'the migration is complete') from banyan.groups`);
  for (const side of bothSides) await upgrade(world.plan, side);
  const between = await readBothCompletions(world.plan);
  expect([between.monolith.complete, between.service.complete]).toEqual([true, false]);
  expect(await complete(world.plan, 'test')).toEqual({ completed: ['service'], unfinished: undefined });
  expect(await isComplete(world.plan)).toBe(true);
});

test('a side that owned data although its capture was ended so is not frozen by the upgrade', async () => {
  for (const side of bothSides)
    await world.databases[side].query(
      `update banyan.groups set completed_at = null; delete from banyan.schema_versions where name like '050%';
       drop trigger "!banyan_complete" on banyan.buckets; drop function banyan.refuse_after_completion();
       drop function banyan.complete_groups(text[], boolean, text); alter table banyan.groups drop column completed_at`,
    );
  await world.databases.service.query(
    `update banyan.buckets set state = 'follower' from banyan.groups g where g.group_id = buckets.group_id and name = 'documents'`,
  );
  for (const side of bothSides) await upgrade(world.plan, side);
  const { monolith, service } = await readBothCompletions(world.plan);
  expect(service.groups).toEqual(['devices']);
  expect(monolith.groups.toSorted()).toEqual(['devices', 'documents']);
});
