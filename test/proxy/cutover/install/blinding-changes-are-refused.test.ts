import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { installed } from '#proxy/cutover/install/installed.ts';
import { oneTable, type OneTable } from '../support/one-table.ts';

let world: OneTable;
beforeAll(async () => {
  world = await oneTable({
    sql: `create table items (id bigint primary key, n int, free text); create table others (id int);
      create function touch() returns trigger language plpgsql as 'begin return null; end'`,
    columns: ['id', 'n'],
    key: ['id'],
  });
});
afterAll(() => world.drop());

test('a column that is added later changes nothing', async () => {
  await world.session.query(
    `alter table items add column later text default 'x'; insert into items values (1, 1)`,
  );
  expect((await world.changes()).map(({ row }) => row)).toEqual([{ id: 1, n: 1 }]);
  await world.session.query('alter table items drop column later, drop column free');
  await world.session.query('update items set n = 2');
  expect((await world.changes()).at(-1)?.row).toEqual({ id: 1, n: 2 });
});

test.each([
  ['alter table items drop column n', '2BP01', /captured_1/],
  ['alter table items alter column n type bigint', '0A000', /view/],
  ['drop table items', '2BP01', /captured_1/],
  ['alter table items drop column n cascade', 'BY004', /column n of public.items is gone/],
  ['drop table items cascade', 'BY004', /items is gone/],
  ['alter table items rename column n to m', 'BY004', /column n of public.items is gone/],
  ['alter table items rename to things', 'BY004', /items is gone/],
  ['alter table items disable trigger "!banyan_write"', 'BY004', /!banyan_write" is missing or switched off/],
  ['alter table items enable trigger all', 'BY004', /switched off/],
  ['drop trigger "!banyan_truncate" on items', 'BY004', /!banyan_truncate/],
  ['alter trigger "!banyan_write" on items rename to other', 'BY004', /!banyan_write/],
])('%s is refused', async (statement, code, message) => {
  await expect(world.session.query(statement)).rejects.toMatchObject({
    code,
    message: expect.stringMatching(code === 'BY004' ? message : /./),
    ...(code === '2BP01' ? { detail: expect.stringMatching(message) } : {}),
  });
  await world.session.query('update items set n = n + 1');
});

test('changes of other tables pass', async () => {
  await world.session.query(
    'alter table others add column a int; alter table others rename to more; drop table more',
  );
});

test('without the event triggers, a renamed column fails the write and is reported', async () => {
  await world.session.query(
    `drop event trigger banyan_guard_changes; alter table items rename column n to m`,
  );
  await expect(world.session.query('update items set m = 0')).rejects.toMatchObject({ code: '42703' });
  expect((await installed(world.plan, 'monolith'))?.differences).toEqual([
    'column n of public.items is gone',
  ]);
  await world.session.query('alter table items rename column m to n');
  expect((await installed(world.plan, 'monolith'))?.differences).toEqual([]);
});

test('an app’s trigger that fires before capture is reported', async () => {
  await world.session.query(
    'create trigger " first" after update on items for each row execute function touch()',
  );
  expect((await installed(world.plan, 'monolith'))?.differences.join()).toContain(' first');
  await world.session.query('drop trigger " first" on items');
});
