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

const part = 2 ** 17;
const goTo = (number: number) => world.session.query(`select setval('banyan.seq', ${number}, false)`);
const parts = async () =>
  (
    await world.database.query<{ at: string }>(
      'select tableoid::regclass::text as at from banyan.outbox order by seq',
    )
  ).map(({ at }) => at.slice(-1));
async function rotate(position = 'pg_current_snapshot()', bytes = 2 ** 30): Promise<number> {
  const { rows } = await applier.query<{ emptied: number }>(
    `select banyan.outbox_rotate(array[${position}], ${bytes}) as emptied`,
  );
  return rows[0]?.emptied ?? -1;
}

test('a part is emptied when it is consumed and not in use; nothing unconsumed is lost', async () => {
  const { rows } = await applier.query<{ start: string }>('select pg_current_snapshot()::text as start');
  const start = `'${rows[0]?.start}'::pg_snapshot`;
  await world.session.query('insert into items values (1, 1)');
  await goTo(part);
  await world.session.query('insert into items values (2, 2)');
  expect(await parts()).toEqual(['0', '1']);
  expect(await rotate(start)).toBe(0);
  // One of two readers has not seen it.
  expect(await rotate(`pg_current_snapshot(), ${start}`)).toBe(0);
  expect(await parts()).toEqual(['0', '1']);
  expect(await rotate()).toBe(1);
  expect(await parts()).toEqual(['1']);
});

test('a transaction that still may commit into a part keeps it, and nobody waits', async () => {
  await goTo(part * 2 - 1);
  await world.session.query('begin; insert into items values (3, 3), (4, 4)');
  const other = new Client({ connectionString: world.database.url });
  await other.connect();
  expect(await rotate()).toBe(0);
  await other.query('insert into items values (5, 5)');
  await other.end();
  await world.session.query('commit');
  expect(await parts()).toEqual(['1', '1', '2', '2']);
  // The part that was in use before the writer committed; its rows are newer than this reader's position.
  expect(await rotate(`pg_snapshot '1:1:'`)).toBe(0);
  expect(await rotate()).toBe(1);
  expect(await parts()).toEqual(['2', '2']);
});

test('a writer that drew its number before the part was emptied is found all the same', async () => {
  await goTo(part * 3);
  expect(await rotate()).toBe(1);
  await goTo(part * 2 + 5);
  await world.session.query('insert into items values (6, 6)');
  expect(await parts()).toEqual(['2']);
});

test('a part that has grown too large is left, and the sequence never goes back', async () => {
  await goTo(part * 3 + 10);
  await world.session.query('insert into items values (7, 7)');
  await rotate('pg_current_snapshot()', 0);
  await world.session.query('insert into items values (8, 8)');
  expect((await parts()).at(-1)).toBe('0');
});

test('under an older snapshot, or without a position, it does nothing', async () => {
  await expect(applier.query('select banyan.outbox_rotate(array[]::pg_snapshot[])')).rejects.toMatchObject({
    code: '22004',
  });
  await applier.query('begin isolation level repeatable read');
  await expect(rotate()).rejects.toMatchObject({ code: '25001' });
  await applier.query('rollback');
});
