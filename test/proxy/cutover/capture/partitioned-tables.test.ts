import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { install } from '#proxy/cutover/install/install.ts';
import { installed } from '#proxy/cutover/install/installed.ts';
import { oneTable, type OneTable } from '../support/one-table.ts';

let world: OneTable;
beforeAll(async () => {
  world = await oneTable({
    sql: `create table items (place int, year int, n int, primary key (place, year)) partition by range (year);
      create table items_old (n int, year int not null, place int not null);
      alter table items attach partition items_old for values from (0) to (2000);
      create table items_new partition of items for values from (2000) to (3000);`,
    columns: ['place', 'year', 'n'],
    key: ['place', 'year'],
    partitionKey: ['place'],
    buckets: 256,
  });
});
afterAll(() => world.drop());

const shown = async () => (await world.changes()).map(({ op, row }) => [op, row]);

test('rows are captured in any partition, by any name, and when they move between two', async () => {
  await world.session.query('insert into items values (1, 1990, 1)');
  await world.session.query('insert into items_new values (2, 2010, 2)');
  await world.session.query('update items set year = 2020 where place = 1');
  expect(await shown()).toEqual([
    ['P', { place: 1, year: 1990, n: 1 }],
    ['P', { place: 2, year: 2010, n: 2 }],
    ['D', { place: 1, year: 1990, n: null }],
    ['P', { place: 1, year: 2020, n: 1 }],
  ]);
});

test('a changed partition key is refused, also where the row moves to another partition', async () => {
  for (const change of ['place = 7', 'place = 7, year = 1980'])
    await expect(world.session.query(`update items set ${change} where place = 2`)).rejects.toMatchObject({
      code: 'BY002',
      detail: 'Partition key: place.',
    });
});

test('no partition can be truncated by itself', async () => {
  for (const table of ['items', 'items_old', 'items_new'])
    await expect(world.session.query(`truncate ${table}`)).rejects.toMatchObject({ code: 'BY003' });
});

test('a partition that is attached later needs the installer, and is refused until then', async () => {
  const attach = 'create table public.items_later partition of items for values from (3000) to (4000)';
  await expect(world.session.query(attach)).rejects.toMatchObject({ code: 'BY004' });
  await world.session.query(`begin; drop event trigger banyan_guard_changes; ${attach}; commit`);
  await world.session.query('insert into public.items_later values (3, 3001, 3)');
  expect((await shown()).at(-1)).toEqual(['P', { place: 3, year: 3001, n: 3 }]);
  expect((await installed(world.plan, 'monolith'))?.differences).toEqual([
    'partition public.items_later came after the installation',
    'trigger "!banyan_truncate" is missing or switched off on public.items_later',
    'trigger "!banyan_unseen" is missing or switched off on public.items_later',
  ]);
  const why = 'partition public.items_later came after the installation';
  // It may have come with rows that nobody captured: no copy goes on from here.
  expect((await install(world.plan, 'monolith')).changes).toContain(
    `${why}: the copy of things has to begin anew`,
  );
  expect(await world.database.query('select capture_stopped from banyan.groups')).toEqual([
    { capture_stopped: why },
  ]);
  expect((await installed(world.plan, 'monolith'))?.differences).toEqual([]);
});

test.each([
  ['alter table items detach partition items_new', 'items_new'],
  ['drop table public.items_old', 'items_old'],
])('%s is refused: nobody would capture what goes', async (statement, name) => {
  await world.session.query("select banyan.start_capture('things')");
  await expect(world.session.query(statement)).rejects.toMatchObject({
    code: 'BY004',
    message: expect.stringContaining(`partition public.${name} is detached or gone`),
    hint: expect.stringContaining('banyan cutover uninstall'),
  });
});
