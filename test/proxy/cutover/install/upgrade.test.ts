import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { install, upgrade } from '#proxy/cutover/install/install.ts';
import { installed } from '#proxy/cutover/install/installed.ts';
import { schemaFolder } from '#proxy/cutover/install/schema-files.ts';
import { bareWorld, type World } from '../support/world.ts';

let world: World;
let newer: URL;
let parent: string;
beforeAll(async () => {
  world = await bareWorld('second');
  parent = mkdtempSync(join(tmpdir(), 'banyan-schema-'));
  cpSync(schemaFolder, parent, { recursive: true });
  writeFileSync(
    join(parent, '090-note.sql'),
    `alter table banyan.parked add column note text;
     create table banyan.notes (note text); grant insert on banyan.notes to :"applier";`,
  );
  newer = pathToFileURL(`${parent}/`);
});
afterAll(async () => {
  await world.drop();
  rmSync(parent, { recursive: true });
});

test('there is nothing to upgrade where nothing is installed', async () => {
  await expect(upgrade(world.plan, 'monolith')).rejects.toMatchObject({ code: 'NOT_INSTALLED' });
});

test('a later numbered file runs on an installation with data, and functions of an older version are replaced', async () => {
  const { monolith } = world.databases;
  await install(world.plan, 'monolith');
  await monolith.query(`insert into cards (house, signature, touched) values ('h', '1', now())`);
  // As an older version might have left it: it lets everything through.
  await monolith.query(
    `create or replace function banyan.write_1() returns trigger language plpgsql security definer as 'begin return null; end'`,
  );
  expect((await installed(world.plan, 'monolith'))?.differences).toEqual([
    "the function of dataset documents is another version's: upgrade",
  ]);
  expect((await installed(world.plan, 'monolith', { folder: newer }))?.differences).toEqual([
    'file 090-note.sql has not run: upgrade',
  ]);
  const { changes } = await upgrade(world.plan, 'monolith', { folder: newer });
  expect(changes).toEqual(['file 090-note.sql', 'function of documents']);
  expect(await installed(world.plan, 'monolith', { folder: newer })).toEqual({
    version: 90,
    differences: [],
  });
  await monolith.query(`update cards set heading = 'captured again'`);
  const rows = await monolith.query('select op::text as op from banyan.outbox order by seq');
  expect(rows).toEqual([{ op: 'P' }, { op: 'P' }]);
});

test('an older program refuses to touch a newer installation', async () => {
  await expect(install(world.plan, 'monolith')).rejects.toMatchObject({ code: 'NEWER_INSTALLATION' });
});
