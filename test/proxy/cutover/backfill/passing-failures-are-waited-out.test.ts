import { afterEach, expect, test } from '@jest/globals';
import { startBackfill } from '#proxy/cutover/backfill/backfill.ts';
import { run, silent } from '../support/bulk-fixture.ts';
import { createItemsPair, type ItemsPair } from '../support/items-pair.ts';

let pair: ItemsPair;
afterEach(() => pair.drop());

const signal = new AbortController().signal;
const count = async () => (await run(pair.service, 'select count(*)::int as rows from items'))[0]?.['rows'];

// The restart of the shared test server would hit every other test: all connections are ended instead, as a restart does.
test.each([['service'], ['monolith']] as const)(
  'all connections of the %s are ended in the middle',
  async (side) => {
    pair = await createItemsPair({ ddl: 'id int primary key', columns: ['id'] });
    await run(pair.monolith, 'insert into items select generate_series(1, 3000)');
    let ends = 0;
    const { datasets } = await startBackfill({
      plan: pair.plan,
      to: 'service',
      log: silent,
      signal,
      settings: { chunkRows: 100 },
      onProgress: ({ rows }) => {
        if (rows < 500 * (ends + 1) || ends >= 3) return;
        ends += 1;
        void run(
          pair[side],
          `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and application_name = 'banyan backfill'`,
        );
      },
    });
    expect(ends).toBe(3);
    expect(datasets[0]).toMatchObject({ rows: 3000, parked: 0, leftAlone: 0 });
    expect(await count()).toBe(3000);
  },
);

// A statement that fails as a full disk does (53100): there is no quota to fill on a shared server.
test('a full disk is waited out, and nothing is half there', async () => {
  pair = await createItemsPair({ ddl: 'id int primary key', columns: ['id'] });
  await run(pair.monolith, 'insert into items select generate_series(1, 300)');
  await run(pair.service, 'create sequence public.tries');
  await run(
    pair.service,
    `create function full_disk() returns trigger language plpgsql as $$ begin
       if new.id = 150 and nextval('public.tries') <= 2 then
         raise exception using errcode = '53100', message = 'could not extend file: No space left on device'; end if;
       return new; end $$`,
  );
  await run(
    pair.service,
    'create trigger t before insert on items for each row execute function full_disk()',
  );
  const { datasets } = await startBackfill({
    plan: pair.plan,
    to: 'service',
    log: silent,
    signal,
    settings: { chunkRows: 100 },
  });
  expect(datasets[0]).toMatchObject({ rows: 300, parked: 0 });
  expect(await count()).toBe(300);
});

test('what does not pass is given up after the time, and can be resumed', async () => {
  pair = await createItemsPair({ ddl: 'id int primary key', columns: ['id'] });
  await run(pair.monolith, 'insert into items select generate_series(1, 10)');
  await run(
    pair.service,
    `create function full_disk() returns trigger language plpgsql as
    $$ begin raise exception using errcode = '53100', message = 'no space'; end $$`,
  );
  await run(
    pair.service,
    'create trigger t before insert on items for each row execute function full_disk()',
  );
  const start = () =>
    startBackfill({ plan: pair.plan, to: 'service', log: silent, signal, settings: { giveUpMs: 1 } });
  await expect(start()).rejects.toMatchObject({ code: 'gave-up' });
  expect(await count()).toBe(0);
  await run(pair.service, 'drop trigger t on items');
  expect((await start()).datasets[0]).toMatchObject({ rows: 10, resumed: true });
});

test('told to stop, it stops between two chunks and is resumed later', async () => {
  pair = await createItemsPair({ ddl: 'id int primary key', columns: ['id'] });
  await run(pair.monolith, 'insert into items select generate_series(1, 3000)');
  const stop = new AbortController();
  const start = (signal: AbortSignal) =>
    startBackfill({
      plan: pair.plan,
      to: 'service',
      log: silent,
      signal,
      settings: { chunkRows: 100 },
      onProgress: () => stop.abort(),
    });
  await expect(start(stop.signal)).rejects.toMatchObject({ code: 'stopped' });
  expect((await start(signal)).datasets[0]).toMatchObject({ rows: 3000, resumed: true });
});
