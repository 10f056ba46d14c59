import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startShop, type Shop } from '../shop.ts';
import { sell } from './sales.ts';

let shop: Shop;
let cheap: number;
let dear: number;
let tied: number;

beforeAll(async () => {
  shop = await startShop();
  cheap = await shop.product(100, { priceCents: 100, name: 'Cheap' });
  dear = await shop.product(100, { priceCents: 5_000, name: 'Dear' });
  tied = await shop.product(100, { priceCents: 100, name: 'Tied' });
  const paidAt = '2026-03-01 10:00:00';
  await sell(shop, {
    paidAt,
    lines: [
      { productId: cheap, quantity: 2 },
      { productId: dear, quantity: 1 },
      { productId: cheap, quantity: 1 },
    ],
  });
  await sell(shop, { paidAt, lines: [{ productId: cheap, quantity: 4 }] });
  await sell(shop, { paidAt, lines: [{ productId: tied, quantity: 7 }] });
  await sell(shop, { paidAt: '2026-02-28 23:59:59', lines: [{ productId: tied, quantity: 9 }] });
  await sell(shop, { paidAt: '2026-03-02 00:00:00', lines: [{ productId: tied, quantity: 9 }] });
  // Sold at the old price.
  await shop.call('PATCH', `/products/${cheap}`, {
    as: shop.admin,
    body: { priceCents: 9_999, name: 'Now' },
  });
});
afterAll(() => shop.stop());

const report = (query: string) =>
  shop.call('GET', `/reports/top-products?from=2026-03-01&to=2026-03-02&${query}`, { as: shop.admin });

test('by revenue, then by id; at the prices of the orders, with the names of today', async () => {
  const { body } = await report('');
  expect(body.items).toMatchObject([
    { productId: dear, name: 'Dear', quantity: 1, orders: 1, revenueCents: 5_000 },
    { productId: cheap, name: 'Now', quantity: 7, orders: 2, revenueCents: 700 },
    { productId: tied, name: 'Tied', quantity: 7, orders: 1, revenueCents: 700 },
  ]);
});

test('as many as asked for', async () => {
  expect((await report('limit=1')).body.items).toHaveLength(1);
  expect((await report('limit=101')).status).toBe(422);
});
