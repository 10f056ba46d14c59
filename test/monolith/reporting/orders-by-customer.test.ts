import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startShop, type Person, type Shop } from '../shop.ts';
import { refund, sell } from './sales.ts';

let shop: Shop;
let ada: Person;
let mallory: Person;
let closed: Person;

beforeAll(async () => {
  shop = await startShop();
  ada = await shop.person({ name: 'Ada "Countess" Lovelace, née Byron', email: 'ada@example.com' });
  mallory = await shop.person({ name: '=HYPERLINK("http://evil")', email: '+mallory@example.com' });
  closed = await shop.person();
  const productId = await shop.product(100, { priceCents: 1_000 });
  const buy = (as: Person, quantity: number) =>
    sell(shop, { as, paidAt: '2026-03-01 10:00:00', lines: [{ productId, quantity }] });
  await buy(ada, 1);
  await refund(shop, await buy(ada, 2), 250);
  await buy(mallory, 3);
  await buy(closed, 1);
  await sell(shop, { as: shop.customer, paidAt: '2026-03-05 10:00:00', lines: [{ productId, quantity: 9 }] });
  await shop.database.query(
    `update users set full_name = 'Closed account', email = 'closed-' || id || '@invalid', is_active = 2 where id = $1`,
    [closed.id],
  );
});
afterAll(() => shop.stop());

const period = 'from=2026-03-01&to=2026-03-02';
const report = (query: string, headers: Record<string, string> = {}) =>
  shop.call('GET', `/reports/orders-by-customer?${period}&${query}`, { as: shop.admin, headers });

test('orders and revenue, joined with the name and the e-mail; closed accounts keep theirs', async () => {
  expect((await report('')).body).toEqual({
    from: '2026-03-01',
    to: '2026-03-02',
    currency: 'EUR',
    items: [
      {
        userId: ada.id,
        name: 'Ada "Countess" Lovelace, née Byron',
        email: 'ada@example.com',
        orders: 2,
        revenueCents: 2_750,
      },
      expect.objectContaining({ userId: mallory.id, orders: 1, revenueCents: 3_000 }),
      expect.objectContaining({ name: 'Closed account', email: `closed-${closed.id}@invalid`, orders: 1 }),
    ],
    nextCursor: null,
  });
});

test('a change of the name is seen at once', async () => {
  await shop.database.query(`update users set full_name = 'Ada King' where id = $1`, [ada.id]);
  expect((await report('')).body.items[0].name).toBe('Ada King');
  await shop.database.query(
    `update users set full_name = 'Ada "Countess" Lovelace, née Byron' where id = $1`,
    [ada.id],
  );
});

test('by pages; in CSV the next one stands in the Link header', async () => {
  const first = await report('limit=2');
  expect(first.body.items).toHaveLength(2);
  const second = await report(`limit=2&cursor=${first.body.nextCursor}`);
  expect(second.body).toMatchObject({ items: [{ userId: closed.id }], nextCursor: null });
  const csv = await report('limit=2', { accept: 'text/csv' });
  const [, next] = /^<(.+)>; rel="next"$/.exec(String(csv.headers['link'])) ?? [];
  const rest = await shop.call('GET', String(next), { as: shop.admin });
  expect(rest.text).toMatch(new RegExp(`^userId,[^\\r]+\\r\\n${closed.id},Closed account,`));
  expect(rest.headers['link']).toBeUndefined();
});

test('the CSV quotes what must be quoted, and runs nothing in a spreadsheet', async () => {
  const { text } = await report('format=csv');
  expect(text.split('\r\n')).toEqual([
    'userId,name,email,orders,revenueCents',
    `${ada.id},"Ada ""Countess"" Lovelace, née Byron",ada@example.com,2,2750`,
    `${mallory.id},"'=HYPERLINK(""http://evil"")","'+mallory@example.com",1,3000`,
    `${closed.id},Closed account,closed-${closed.id}@invalid,1,1000`,
    '',
  ]);
});

test('the form is the one that the caller prefers; the query wins', async () => {
  const typeOf = async (query: string, accept?: string) =>
    String((await report(query, accept === undefined ? {} : { accept })).headers['content-type']).split(
      ';',
    )[0];
  expect(await typeOf('')).toBe('application/json');
  expect(await typeOf('', '*/*')).toBe('application/json');
  expect(await typeOf('', 'text/csv')).toBe('text/csv');
  expect(await typeOf('', 'text/csv;q=0.5, application/json')).toBe('application/json');
  expect(await typeOf('', 'image/png')).toBe('application/json');
  expect(await typeOf('format=json', 'text/csv')).toBe('application/json');
  expect(await typeOf('format=csv', 'application/json')).toBe('text/csv');
});

test.each(['revenue', 'top-products', 'orders-by-customer'])('%s is for admins', async (name) => {
  expect((await shop.call('GET', `/reports/${name}`, { as: ada })).status).toBe(403);
  expect((await shop.call('GET', `/reports/${name}`)).status).toBe(401);
});
