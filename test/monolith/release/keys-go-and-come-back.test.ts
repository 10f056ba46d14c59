import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { releaseFromUsers, returnToUsers } from '#monolith/release/release.ts';
import { startMonolith } from '#monolith/start.ts';
import { sell } from '#test/monolith/reporting/sales.ts';
import { startShop, type Shop } from '#test/monolith/shop.ts';
import { allKeys, keysToUsers } from './foreign-keys.ts';

let shop: Shop;
let url: string;
let productId: number;
beforeAll(async () => {
  shop = await startShop();
  ({ url } = shop.database);
  productId = await shop.product(100);
  await sell(shop, { paidAt: '2026-03-01 10:00:00', lines: [{ productId, quantity: 1 }] });
});
afterAll(() => shop.stop());
beforeEach(() => returnToUsers(url));

const keys = () => keysToUsers(shop.database);
const definitions = () =>
  shop.database.query(
    `select conname, pg_get_constraintdef(oid) from pg_constraint where contype = 'f' order by conname`,
  );

test('the release takes every key away, and again is harmless; the return is what there was', async () => {
  const before = await definitions();
  expect(await keys()).toEqual(allKeys);
  await releaseFromUsers(url);
  expect(await keys()).toEqual([]);
  await releaseFromUsers(url);
  expect(await keys()).toEqual([]);
  expect((await shop.order([{ productId, quantity: 1 }])).status).toBe(201);
  await returnToUsers(url);
  expect(await definitions()).toEqual(before);
  await returnToUsers(url);
  expect(await definitions()).toEqual(before);
  expect(await keys()).toEqual(allKeys);
});

test('a start after the release goes well and puts no key back', async () => {
  await releaseFromUsers(url);
  const env = {
    DATABASE_URL: url,
    PORT: '0',
    INTROSPECTION_KEY: 'a-key-for-introspection',
    LOG_LEVEL: 'silent',
  };
  const running = await startMonolith(env);
  expect((await fetch(`${running.url}/healthz`)).status).toBe(200);
  await running.stop();
  expect(await keys()).toEqual([]);
});

test('there is no return while users are missing, and nothing is refused on the way', async () => {
  await releaseFromUsers(url);
  const { body: order } = await shop.order([{ productId, quantity: 1 }]);
  await shop.database.query('update orders set user_id = 999999 where id = $1', [order.id]);
  await expect(returnToUsers(url)).rejects.toThrow(/who are not in "users".+catch up first/);
  expect(await keys()).toEqual([]);
  await shop.database.query('update orders set user_id = $2 where id = $1', [order.id, shop.customer.id]);
  await returnToUsers(url);
  expect(await keys()).toEqual(allKeys);
});

test.each([
  ['release', releaseFromUsers],
  ['return', returnToUsers],
])('the %s waits for a busy table in short tries, and gives up after the last', async (_name, step) => {
  const busy = new Client({ connectionString: url });
  await busy.connect();
  await busy.query('begin');
  await busy.query('update orders set total_cents = total_cents');
  try {
    await expect(step(url, { tries: 2, pauseMs: 1 })).rejects.toMatchObject({ code: '55P03' });
    const done = step(url, { tries: 1_000, pauseMs: 10 });
    await seenTwice();
    await busy.query('commit');
    await done;
  } finally {
    await busy.end();
  }
});

/** Until a second try waits for a lock, so that a first one has failed. */
async function seenTwice(): Promise<void> {
  const begun = new Set<string>();
  while (begun.size < 2) {
    const rows = await shop.database.query<{ begun: string }>(
      `select query_start::text as begun from pg_stat_activity
        where datname = current_database() and application_name = 'monolith release' and wait_event_type = 'Lock'`,
    );
    for (const row of rows) begun.add(row.begun);
    await delay(20);
  }
}
