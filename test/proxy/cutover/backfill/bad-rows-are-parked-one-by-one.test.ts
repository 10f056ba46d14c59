import { afterEach, expect, test } from '@jest/globals';
import { startBackfill } from '#proxy/cutover/backfill/backfill.ts';
import { noteApplied, run, silent } from '../support/bulk-fixture.ts';
import { createItemsPair, type ItemsPair } from '../support/items-pair.ts';

let pair: ItemsPair;
afterEach(() => pair.drop());

const backfill = (maxParked = 100) =>
  startBackfill({
    plan: pair.plan,
    to: 'service',
    log: silent,
    signal: new AbortController().signal,
    settings: { settlePauseMs: 1, maxParked, chunkRows: 200 },
  });

test('a row that breaks a check, a length or a type is parked with its reason, all others are there', async () => {
  pair = await createItemsPair({
    ddl: 'id int primary key, a text',
    serviceDdl: `id int primary key check (id <> 77), a varchar(5)`,
    columns: ['id', 'a'],
  });
  await run(
    pair.monolith,
    `insert into items select i, case when i = 400 then 'too long' else 'ok' end from generate_series(1, 500) i`,
  );
  const { datasets } = await backfill();
  expect(datasets[0]).toMatchObject({ rows: 498, parked: 2, leftAlone: 0 });
  expect(
    await run(
      pair.service,
      'select key, sqlstate, epoch, seq, row_values, attempts from banyan.parked order by key',
    ),
  ).toEqual([
    { key: '{400}', sqlstate: '22001', epoch: '0', seq: '0', row_values: ['400', 'too long'], attempts: 4 },
    { key: '{77}', sqlstate: '23514', epoch: '0', seq: '0', row_values: ['77', 'ok'], attempts: 4 },
  ]);
});

test('a value that fits no type parks its row, not its chunk', async () => {
  pair = await createItemsPair({
    ddl: 'id text primary key, a text',
    serviceDdl: 'id text primary key, a int',
    columns: ['id', 'a'],
  });
  await run(pair.monolith, `insert into items values ('x', '1'), ('y', 'NaN'), ('z', '3')`);
  expect((await backfill()).datasets[0]).toMatchObject({ rows: 2, parked: 1 });
  expect(await run(pair.service, 'select key, sqlstate from banyan.parked')).toEqual([
    { key: '{y}', sqlstate: '22P02' },
  ]);
});

test('a unique value that another row still has is no loss: when the stream brought the row it is parked no more', async () => {
  pair = await createItemsPair({ ddl: 'id int primary key, mail text unique', columns: ['id', 'mail'] });
  await run(pair.monolith, `insert into items values (1, 'a'), (2, 'b')`);
  await run(pair.service, `insert into items values (7, 'b')`);
  await run(
    pair.service,
    `create function on_park() returns trigger language plpgsql as
    $$ begin delete from public.items where id = 7; insert into public.items values (2, 'b');
       insert into banyan.applied values (new.dataset_id, '{2}', 1, 9, false); return new; end $$`,
  );
  await run(
    pair.service,
    'create trigger t after insert on banyan.parked for each row execute function on_park()',
  );
  expect((await backfill()).datasets[0]).toMatchObject({ parked: 0 });
  expect(await run(pair.service, 'select * from items order by id')).toEqual([
    { id: 1, mail: 'a' },
    { id: 2, mail: 'b' },
  ]);
});

test('more bad rows than may be parked end the copy, with the reason', async () => {
  pair = await createItemsPair({
    ddl: 'id int primary key',
    serviceDdl: 'id int primary key check (id < 0)',
    columns: ['id'],
  });
  await run(pair.monolith, 'insert into items select generate_series(1, 50)');
  await expect(backfill(10)).rejects.toMatchObject({ code: 'too-many-parked' });
});

test('what applied knows of is not parked', async () => {
  pair = await createItemsPair({
    ddl: 'id int primary key',
    serviceDdl: 'id int primary key check (id <> 7)',
    columns: ['id'],
  });
  await run(pair.monolith, 'insert into items select generate_series(1, 10)');
  await noteApplied(pair.service, { dataset: 'items', key: '{7}', deleted: true });
  expect((await backfill()).datasets[0]).toMatchObject({ rows: 9, parked: 0, leftAlone: 1 });
});
