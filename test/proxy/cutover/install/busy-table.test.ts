import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { install } from '#proxy/cutover/install/install.ts';
import { installed } from '#proxy/cutover/install/installed.ts';
import { uninstall } from '#proxy/cutover/install/uninstall.ts';
import { oneTable, type OneTable } from '../support/one-table.ts';

let world: OneTable;
let writer: Client;
beforeAll(async () => {
  world = await oneTable({
    sql: 'create table items (id bigint primary key, n int)',
    columns: ['id', 'n'],
    key: ['id'],
    installed: false,
  });
  writer = new Client({ connectionString: world.database.url, application_name: 'nightly job' });
  await writer.connect();
});
afterEach(() => writer.query('rollback'));
afterAll(async () => {
  await writer.end();
  await world.drop();
});

test('a table that stays busy is given up, and whoever holds it is named; other writers go on meanwhile', async () => {
  await writer.query('begin; insert into items values (1, 1)');
  const given = install(world.plan, 'monolith', { lockWaitMs: 20, giveUpMs: 400 });
  await world.session.query('insert into items values (2, 2)');
  await expect(given).rejects.toMatchObject({
    code: 'TABLE_BUSY',
    message: expect.stringMatching(
      /pid \d+, application nightly job, idle in transaction, transaction since 20/,
    ),
  });
  expect((await installed(world.plan, 'monolith'))?.differences.join()).toContain('!banyan_write');
});

test('it goes on where it stopped, once the table is free', async () => {
  await writer.query('begin; insert into items values (3, 3)');
  const done = install(world.plan, 'monolith', { lockWaitMs: 20 });
  await world.session.query('insert into items values (4, 4)');
  await writer.query('commit');
  expect((await done).changes).toContain('trigger !banyan_write on "public"."items"');
  expect((await installed(world.plan, 'monolith'))?.differences).toEqual([]);
});

test('uninstalling is as patient', async () => {
  await writer.query('begin; insert into items values (5, 5)');
  await expect(uninstall(world.plan, 'monolith', { lockWaitMs: 20, giveUpMs: 200 })).rejects.toMatchObject({
    code: 'TABLE_BUSY',
  });
});
