import { afterEach, expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { startContinuousVerify } from '#proxy/cutover/verify/continuous.ts';
import { run, silent } from '../support/bulk-fixture.ts';
import { createItemsPair, type ItemsPair } from '../support/items-pair.ts';

let pair: ItemsPair;
afterEach(() => pair.drop());

const start = (within: number) =>
  startContinuousVerify({
    plan: pair.plan,
    owner: 'monolith',
    within,
    log: silent,
    signal: new AbortController().signal,
    batchRows: 10,
    pauseMs: 1,
  });

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await delay(10);
}

const findings = () =>
  run(pair.service, 'select key, kind, columns from banyan.verify_findings order by key');

test('differences on both sides are listed, and gone when they are', async () => {
  pair = await createItemsPair({ ddl: 'id text primary key, n int', columns: ['id', 'n'] });
  for (const url of [pair.monolith, pair.service]) {
    await run(url, `insert into items select 'k' || i, i from generate_series(100, 199) i`);
    await run(url, 'analyze items');
  }
  await run(pair.service, `update items set n = 0 where id = 'k150'`);
  await run(pair.service, `insert into items values ('z"\\,', 1)`);
  await run(pair.service, `delete from items where id = 'k101'`);
  const sample = start(1);
  try {
    await until(() => sample.status().rounds >= 1);
    expect(await findings()).toEqual([
      { key: ['k101'], kind: 'missing', columns: [] },
      { key: ['k150'], kind: 'differs', columns: ['n'] },
      { key: ['z"\\,'], kind: 'extra', columns: [] },
    ]);
    expect(sample.status().differences).toBe(3);
    await run(pair.service, `update items set n = 150 where id = 'k150'`);
    await until(async () => (await findings()).length === 2);
    await run(pair.monolith, `insert into items values ('z"\\,', 1)`);
    await until(async () => (await findings()).length === 1);
  } finally {
    await sample.stop();
  }
});

test('a later process goes on where the one before was', async () => {
  pair = await createItemsPair({ ddl: 'id int primary key', columns: ['id'] });
  for (const url of [pair.monolith, pair.service]) {
    await run(url, `insert into items select generate_series(1, 1000)`);
    await run(url, 'analyze items');
  }
  const place = async () =>
    (await run(pair.service, `select after_key, rows_in_round::int as rows from banyan.verify_places`))[0];
  // A round of hours: after the first ten rows it waits.
  const first = start(36_000_000);
  await until(async () => (await place())?.['rows'] === 10);
  await first.stop();
  const second = start(36_000_000);
  await until(async () => (await place())?.['rows'] === 20);
  await second.stop();
  expect(await place()).toEqual({ after_key: ['20'], rows: 20 });
});
