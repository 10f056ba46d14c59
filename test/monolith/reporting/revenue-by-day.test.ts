import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startShop, type Shop } from '../shop.ts';
import { refund, sell } from './sales.ts';

let shop: Shop;

beforeAll(async () => {
  shop = await startShop();
  const productId = await shop.product(100, { priceCents: 1_000 });
  const lines = (quantity: number) => [{ productId, quantity }];
  await sell(shop, { paidAt: '2026-03-01 00:00:00', lines: lines(1) });
  const shipped = await sell(shop, { paidAt: '2026-03-01 23:59:59.999', lines: lines(2) });
  await shop.call('POST', `/orders/${shipped}/ship`, { as: shop.admin });
  const partly = await sell(shop, { paidAt: '2026-03-03 12:00:00', lines: lines(3) });
  await refund(shop, partly, 500);
  const cancelled = await sell(shop, { paidAt: '2026-03-03 12:00:00', lines: lines(4) });
  await shop.call('POST', `/orders/${cancelled}/cancel`, { as: shop.customer });
  await sell(shop, { paidAt: '2026-03-04 00:00:00', lines: lines(5) });
  // Neither paid nor counted.
  await shop.order(lines(6));
});
afterAll(() => shop.stop());

const report = (query: string) => shop.call('GET', `/reports/revenue?${query}`, { as: shop.admin });

test('days of UTC, the last one exclusive, empty ones too; cancelled orders count nowhere, refunds are taken off', async () => {
  const { body } = await report('from=2026-03-01&to=2026-03-04');
  expect(body).toEqual({
    from: '2026-03-01',
    to: '2026-03-04',
    currency: 'EUR',
    items: [
      { day: '2026-03-01', orders: 2, revenueCents: 3_000, refundedCents: 0 },
      { day: '2026-03-02', orders: 0, revenueCents: 0, refundedCents: 0 },
      { day: '2026-03-03', orders: 1, revenueCents: 2_500, refundedCents: 500 },
    ],
  });
});

test('as CSV with a name of its own', async () => {
  const answer = await report('from=2026-03-01&to=2026-03-03&format=csv');
  expect(answer.headers).toMatchObject({
    'content-type': 'text/csv; charset=utf-8',
    'content-disposition': 'attachment; filename=revenue-2026-03-01-2026-03-03.csv',
  });
  expect(answer.text).toBe(
    'day,orders,revenueCents,refundedCents\r\n2026-03-01,2,3000,0\r\n2026-03-02,0,0,0\r\n',
  );
});

test('without a period, the last 30 days with today', async () => {
  const day = (shift: number) => new Date(Date.now() + shift * 86_400_000).toISOString().slice(0, 10);
  const { body } = await report('');
  expect([body.from, body.to, body.items.length]).toEqual([day(-29), day(1), 30]);
  expect((await report('to=2026-03-31')).body.from).toBe('2026-03-01');
  expect((await report(`from=${day(-3)}`)).body.to).toBe(day(1));
});

test('366 days are the most', async () => {
  expect((await report('from=2024-01-01&to=2025-01-01')).body.items).toHaveLength(366);
  expect((await report('from=2024-01-01&to=2025-01-02')).status).toBe(422);
});

test.each([
  'from=2026-03-02&to=2026-03-02',
  'from=2026-03-02&to=2026-03-01',
  'from=2026-02-30&to=2026-03-02',
  'from=yesterday',
  'from=2026-03-01&from=2026-03-02',
  'to=2026-3-1',
  'format=xml',
])('%s is refused', async (query) => {
  expect(await report(query)).toMatchObject({ status: 422, body: { code: 'validation-failed' } });
});
