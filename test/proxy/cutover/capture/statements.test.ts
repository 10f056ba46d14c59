import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { oneTable, type OneTable } from '../support/one-table.ts';

let world: OneTable;
beforeAll(async () => {
  world = await oneTable({
    sql: `create table items (
        id bigint, kind text, n integer, doubled integer generated always as (n * 2) stored, primary key (id, kind));
      create table sources (id bigint, kind text, n integer);
      create table parents (id bigint primary key);
      create function put_item(bigint) returns void language sql as $$ insert into items values ($1, 'by function', 1) $$;`,
    columns: ['id', 'kind', 'n', 'doubled'],
    key: ['id', 'kind'],
    partitionKey: ['id'],
  });
});
afterAll(() => world.drop());
beforeEach(async () => {
  await world.session.query(
    `delete from items; truncate sources, banyan.outbox_0, banyan.outbox_1, banyan.outbox_2, banyan.outbox_3`,
  );
});

const row = (id: number, kind: string, n: number) => ({ id, kind, n, doubled: n * 2 });
const shown = async () => (await world.changes()).map(({ op, row }) => [op, row]);

test('one statement over many rows: one change for each', async () => {
  await world.session.query(`insert into items select i, 'k', i from generate_series(1, 3) i`);
  await world.session.query('update items set n = n + 10 where id > 1');
  await world.session.query('delete from items where id = 3');
  expect(await shown()).toEqual([
    ['P', row(1, 'k', 1)],
    ['P', row(2, 'k', 2)],
    ['P', row(3, 'k', 3)],
    ['P', row(2, 'k', 12)],
    ['P', row(3, 'k', 13)],
    ['D', row(3, 'k', 13)],
  ]);
});

test('ON CONFLICT: what was done is captured, what was not is not', async () => {
  await world.session.query(`insert into items values (1, 'k', 1)`);
  await world.session.query(`insert into items values (1, 'k', 5) on conflict do nothing`);
  await world.session.query(
    `insert into items values (1, 'k', 5), (2, 'k', 6) on conflict (id, kind) do update set n = excluded.n`,
  );
  expect(await shown()).toEqual([
    ['P', row(1, 'k', 1)],
    ['P', row(1, 'k', 5)],
    ['P', row(2, 'k', 6)],
  ]);
});

test('MERGE inserts, updates and deletes', async () => {
  await world.session.query(`insert into items values (1, 'k', 1), (2, 'k', 2)`);
  await world.session.query(`insert into sources values (1, 'k', 11), (2, 'k', null), (3, 'k', 33)`);
  await world.session.query(
    `merge into items i using (select * from sources order by id) s on i.id = s.id
     when matched and s.n is null then delete
     when matched then update set n = s.n
     when not matched then insert (id, kind, n) values (s.id, s.kind, s.n)`,
  );
  const changes = await shown();
  expect(changes.slice(0, 2)).toEqual([
    ['P', row(1, 'k', 1)],
    ['P', row(2, 'k', 2)],
  ]);
  expect(changes.slice(2)).toEqual(
    expect.arrayContaining([
      ['P', row(1, 'k', 11)],
      ['D', row(2, 'k', 2)],
      ['P', row(3, 'k', 33)],
    ]),
  );
  expect(changes).toHaveLength(5);
});

test('COPY is captured row by row', async () => {
  await world.session.query(`insert into sources values (7, 'copied', 7)`);
  // A program on the server's side: what a client's COPY … FROM STDIN comes to, without a stream.
  await world.session.query(
    `copy items (id, kind, n) from program 'printf "7\\tcopied\\t7\\n8\\tcopied\\t8\\n"'`,
  );
  expect(await shown()).toEqual([
    ['P', row(7, 'copied', 7)],
    ['P', row(8, 'copied', 8)],
  ]);
});

test('a changed primary key is a delete of the old one and a put of the new one', async () => {
  await world.session.query(`insert into items values (1, 'old', 1)`);
  await world.session.query(`update items set kind = 'new', n = 2`);
  expect(await shown()).toEqual([
    ['P', row(1, 'old', 1)],
    ['D', row(1, 'old', 1)],
    ['P', row(1, 'new', 2)],
  ]);
});

test('a changed partition key is refused, and says which', async () => {
  await world.session.query(`insert into items values (1, 'k', 1)`);
  await expect(world.session.query('update items set id = 2')).rejects.toMatchObject({
    code: 'BY002',
    detail: 'Partition key: id.',
  });
});

test('TRUNCATE is refused', async () => {
  await expect(world.session.query('truncate items')).rejects.toMatchObject({
    code: 'BY003',
    message: `public.items is being copied by Banyan and can't be truncated`,
  });
});

test('savepoints: what was rolled back was never captured', async () => {
  await world.session.query(
    `begin; insert into items values (1, 'k', 1); savepoint a; update items set n = 2; rollback to a;
     savepoint b; update items set n = 3; release b; commit; begin; delete from items; rollback;`,
  );
  expect(await shown()).toEqual([
    ['P', row(1, 'k', 1)],
    ['P', row(1, 'k', 3)],
  ]);
  const xids = await world.database.query('select distinct xid::text from banyan.outbox');
  expect(xids).toHaveLength(1);
});

test('a function writes: captured as any other', async () => {
  await world.session.query('select put_item(4)');
  expect(await shown()).toEqual([['P', row(4, 'by function', 1)]]);
});
