import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createMonolith, type Monolith } from '#monolith/app.ts';
import { releaseFromUsers } from '#monolith/release/release.ts';
import { serve, type Served } from '#shared/http/serve.ts';
import { createLog } from '#shared/telemetry/log.ts';
import { startUserServiceUnderTest, type UserServiceUnderTest } from '#test/user-service/system.ts';
import { startShop, type Person, type Shop } from '../shop.ts';
import { copyUsers } from './copied-users.ts';
import { refund, sell } from './sales.ts';

// One database under two monoliths, as in a rolling release: one with the users of its own, one that asks.
let shop: Shop;
let service: UserServiceUnderTest;
let asking: Monolith;
let served: Served;
let productId: number;
let ada: Person;
let closed: Person;
let suspended: Person;
const paidAt = '2026-03-01 10:00:00';

beforeAll(async () => {
  [shop, service] = await Promise.all([startShop(), startUserServiceUnderTest()]);
  asking = createMonolith({
    databaseUrl: shop.database.url,
    introspectionKey: 'a-key-for-introspection',
    log: createLog({ name: 'test', level: 'silent' }),
    sweepEveryMs: 0,
    customers: { kind: 'remote', url: service.url },
  });
  served = await serve(asking.listener, { name: 'the monolith that asks' });
  ada = await shop.person({ name: 'Ada "Countess" Lovelace, née Byron', email: 'ada@example.com' });
  closed = await shop.person();
  suspended = await shop.person({ name: '=1+1', email: 'mallory@example.com' });
  productId = await shop.product(1_000);
  for (const as of [ada, closed, suspended, shop.customer])
    await sell(shop, { as, paidAt, lines: [{ productId, quantity: 2 }] });
  await refund(shop, await sell(shop, { as: ada, paidAt, lines: [{ productId, quantity: 1 }] }), 250);
  // More than are asked for at once.
  for (let made = 0; made < 12; made++)
    await sell(shop, { as: await shop.person(), paidAt, lines: [{ productId, quantity: 1 }] });
  await shop.database.query(
    `update users set full_name = 'Closed account', email = 'closed-' || id || '@invalid', is_active = 2 where id = $1`,
    [closed.id],
  );
  await shop.database.query('update users set is_active = 0 where id = $1', [suspended.id]);
  await copyUsers(shop.database, service.database);
});
afterAll(async () => {
  await served.close();
  await asking.close();
  await Promise.all([shop.stop(), service.stop()]);
});

async function reports(query: string): Promise<{ own: unknown; asked: unknown; text: string }> {
  const path = `/reports/orders-by-customer?from=2026-03-01&to=2026-03-02&${query}`;
  const headers = { authorization: `Bearer ${shop.admin.token}` };
  const seen = [];
  for (const url of [shop.url, served.url]) {
    const answer = await fetch(`${url}${path}`, { headers });
    const { status } = answer;
    seen.push({
      status,
      type: answer.headers.get('content-type'),
      link: answer.headers.get('link'),
      text: await answer.text(),
    });
  }
  const [own, asked] = seen;
  return { own, asked, text: own?.text ?? '' };
}

async function expectAlike(customers: number): Promise<void> {
  const { own, asked, text } = await reports('');
  expect(asked).toEqual(own);
  expect(JSON.parse(text).items).toHaveLength(customers);
  for (const query of [
    'limit=3',
    'format=csv&limit=3',
    'format=csv',
    `limit=3&cursor=${JSON.parse((await reports('limit=3')).text).nextCursor}`,
  ]) {
    const page = await reports(query);
    expect(page.asked).toEqual(page.own);
    expect(page.own).toMatchObject({ status: 200 });
  }
}

test('both forms give the same report, with the foreign keys and without', async () => {
  await expectAlike(16);
  await releaseFromUsers(shop.database.url);
  await sell(shop, { as: ada, paidAt, lines: [{ productId, quantity: 1 }] });
  await expectAlike(16);
});

test('closed accounts keep their row, suspended ones their name', async () => {
  const { items } = JSON.parse((await reports('')).text) as { items: { userId: number }[] };
  const byId = new Map(items.map((item) => [item.userId, item]));
  expect(byId.get(closed.id)).toMatchObject({ name: 'Closed account', email: `closed-${closed.id}@invalid` });
  expect(byId.get(suspended.id)).toMatchObject({ name: '=1+1', email: 'mallory@example.com' });
});

test('a customer whom neither knows any more keeps the row, named as a closed account', async () => {
  await releaseFromUsers(shop.database.url);
  const orderId = await sell(shop, { paidAt, lines: [{ productId, quantity: 1 }] });
  await shop.database.query('update orders set user_id = 999999 where id = $1', [orderId]);
  await expectAlike(17);
  const { text } = await reports('');
  expect(JSON.parse(text).items.at(-1)).toMatchObject({
    userId: 999_999,
    name: 'Closed account',
    email: 'closed-999999@invalid',
    orders: 1,
  });
});
