import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { oneTable, type OneTable } from '../support/one-table.ts';

let world: OneTable;
let applier: Client;
beforeAll(async () => {
  world = await oneTable({
    sql: 'create table items (id int primary key, n int)',
    columns: ['id', 'n'],
    key: ['id'],
  });
  applier = new Client({ connectionString: world.plan.databases.monolith.url });
  await applier.connect();
});
afterAll(async () => {
  await applier.end();
  await world.drop();
});

const ops = async () => (await world.changes()).map(({ op }) => op).join('');

test('a stopped capture lets the app write, the gate stands, and a start counts up', async () => {
  await applier.query(`select banyan.stop_capture('things', 'the outbox is over 1 GB')`);
  await world.session.query('insert into items values (1, 1); update items set n = 2');
  expect(await ops()).toBe('');
  await world.session.query(`update banyan.buckets set state = 'follower'`);
  await expect(world.session.query('update items set n = 3')).rejects.toMatchObject({ code: 'BY001' });
  await world.session.query(`update banyan.buckets set state = 'owner'`);
  await applier.query(`select banyan.start_capture('things')`);
  await world.session.query('update items set n = 4');
  expect(await ops()).toBe('P');
  const { rows } = await applier.query('select capture_stopped, capture_generation from banyan.groups');
  expect(rows).toEqual([{ capture_stopped: null, capture_generation: 2 }]);
});

test('a start waits for a writer that was not captured', async () => {
  await applier.query(`select banyan.stop_capture('things', 'test')`);
  await world.session.query('begin; insert into items values (2, 2)');
  await expect(
    applier.query(`set lock_timeout = 50; select banyan.start_capture('things')`),
  ).rejects.toMatchObject({ code: '55P03' });
  await world.session.query('commit');
  await applier.query(`select banyan.start_capture('things')`);
});

test('a marker stands behind every writer of its bucket, for the applier to put', async () => {
  await world.session.query('begin; insert into items values (3, 3)');
  await expect(
    applier.query(`set lock_timeout = 50; select banyan.put_marker('things', 0, 2)`),
  ).rejects.toMatchObject({ code: '55P03' });
  await world.session.query('commit');
  await applier.query(`select banyan.put_marker('things', 0, 2)`);
  expect((await world.changes()).at(-1)).toEqual({ op: 'M', dataset: null, bucket: 0, row: null });
  await expect(applier.query(`select banyan.put_marker('things', 1, 2)`)).rejects.toMatchObject({
    code: '22023',
  });
});
