import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { oneTable, type OneTable } from '../support/one-table.ts';

let world: OneTable;
beforeAll(async () => {
  world = await oneTable({
    sql: 'create table items (id int primary key, n int, kind text)',
    columns: ['id', 'n'],
    key: ['id'],
    filter: `kind in ('ours', 'ours too') and n is distinct from 0`,
  });
});
afterAll(() => world.drop());

const shown = async () => (await world.changes()).map(({ op, row }) => [op, row?.['id'], row?.['n']]);

test('a row that leaves the filter is a delete, one that enters it a put, one outside is nothing', async () => {
  await world.session.query(`insert into items values (1, 1, 'ours'), (2, 2, 'theirs'), (3, 3, null)`);
  await world.session.query(`update items set n = n + 10`);
  await world.session.query(`update items set kind = 'theirs' where id = 1`);
  await world.session.query(`update items set kind = 'ours too' where id = 2`);
  await world.session.query(`update items set n = 0 where id = 2`);
  await world.session.query('delete from items');
  expect(await shown()).toEqual([
    ['P', 1, 1],
    ['P', 1, 11],
    ['D', 1, null],
    ['P', 2, 12],
    ['D', 2, null],
  ]);
});

test('what is outside is not gated either', async () => {
  await world.session.query(`update banyan.buckets set state = 'follower'`);
  await world.session.query(`insert into items values (4, 4, 'theirs')`);
  for (const statement of [
    `insert into items values (5, 5, 'ours')`,
    `update items set kind = 'ours' where id = 4`,
  ])
    await expect(world.session.query(statement)).rejects.toMatchObject({ code: 'BY001' });
});
