import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Stream } from '#proxy/cutover/stream/start-stream.ts';
import { bothSides, type Pair } from './support/pair.ts';
import { createSmallPair, datasetOf } from './support/small-pair.ts';

let pair: Pair;
let stream: Stream;

beforeAll(async () => {
  pair = await createSmallPair();
  stream = await pair.start();
});

afterAll(() => pair.drop());

async function sides(dataset: string) {
  await pair.settled(stream);
  return bothSides(pair, datasetOf(pair, dataset));
}

test('inserts, updates and deletes arrive mapped', async () => {
  await pair.monolith.query(
    `insert into parents select n, 'p' || n, n / 3.0, null from generate_series(1, 50) n`,
  );
  await pair.monolith.query(`update parents set name = 'x' || id where id % 7 = 0`);
  await pair.monolith.query('delete from parents where id % 5 = 0');
  const { owner, follower } = await sides('owners');
  expect(follower).toHaveLength(40);
  expect(follower).toEqual(owner);
});

test('parent and child of one transaction arrive together, and go together', async () => {
  await pair.monolith.query(
    `begin; insert into parents values (100, 'both'); insert into children values (1, 100, ''), (2, 100, null); commit`,
  );
  const { owner, follower } = await sides('parts');
  expect(follower).toEqual(owner);
  expect(follower).toEqual(['{1,100,""}', '{2,100,NULL}']);
  await pair.monolith.query('begin; delete from children; delete from parents where id = 100; commit');
  expect((await sides('parts')).follower).toEqual([]);
  expect(stream.status().parked).toBe(0);
});

test('a unique value passes from one row to another within one transaction', async () => {
  await pair.monolith.query(`insert into parents values (200, 'held'), (201, 'other')`);
  await pair.monolith.query(
    `begin; update parents set name = 'free' where id = 201; update parents set name = 'other' where id = 200; commit`,
  );
  await pair.monolith.query(
    `begin; delete from parents where id = 201; insert into parents values (202, 'free'); commit`,
  );
  const { owner, follower } = await sides('owners');
  expect(follower).toEqual(owner);
});

test('a primary-key update moves the row', async () => {
  await pair.monolith.query(`insert into parents values (300, 'moves', 1, 'n')`);
  await pair.settled(stream);
  await pair.monolith.query('update parents set id = 301 where id = 300');
  const { owner, follower } = await sides('owners');
  expect(follower).toEqual(owner);
  expect(follower).toContain('{301,MOVES,1.00,n,0}');
});

test('a row that is deleted and inserted again is there, with what the other side alone has', async () => {
  await pair.monolith.query(`insert into parents values (400, 'again')`);
  await pair.settled(stream);
  const own = await pair.service.query('select own from owners where owner_id = 400');
  await pair.monolith.query(
    `begin; delete from parents where id = 400; insert into parents values (400, 'back'); commit`,
  );
  await pair.settled(stream);
  expect(await pair.service.query('select label from owners where owner_id = 400')).toEqual([
    { label: 'BACK' },
  ]);
  expect(await pair.service.query('select own from owners where owner_id = 400')).toEqual(own);
});

test('what is rolled back, whole or to a savepoint, never arrives, and gaps in the sequence hold nothing up', async () => {
  await pair.monolith.query(`begin; insert into parents values (500, 'gone'); rollback`);
  await pair.monolith.query(
    `begin; insert into parents values (501, 'kept'); savepoint s; insert into parents values (502, 'gone');
     rollback to s; insert into parents values (503, 'kept too'); commit`,
  );
  await pair.monolith.query(`select nextval('banyan.seq') from generate_series(1, 1000)`);
  await pair.monolith.query(`insert into parents values (504, 'after')`);
  const { owner, follower } = await sides('owners');
  expect(follower).toEqual(owner);
  expect(follower.filter((row) => row.startsWith('{50'))).toHaveLength(3);
});
