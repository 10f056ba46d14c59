import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startShop, statusesOf, type Shop } from '../shop.ts';

const quarterHour = 15 * 60 * 1_000;
let shop: Shop;

beforeAll(async () => {
  shop = await startShop();
});
afterAll(() => shop.stop());

test('until its time an order holds its stock; then whoever looks at it sees it expired', async () => {
  const productId = await shop.product(3);
  const { body: order } = await shop.order([{ productId, quantity: 2 }]);
  expect(Date.parse(order.reservedUntil) - Date.parse(order.createdAt)).toBe(quarterHour);
  shop.passTime(quarterHour - 60_000);
  await shop.monolith.sweep();
  expect(await shop.stock(productId)).toMatchObject({ reserved: 2 });
  shop.passTime(60_000);
  const seen = await shop.call('GET', `/orders/${order.id}`, { as: shop.customer });
  expect(seen.body).toMatchObject({ state: 'expired', reservedUntil: null });
  expect(await shop.stock(productId)).toEqual({ onHand: 3, reserved: 0, available: 3 });
});

test('the sweep frees the stock of all that ran out', async () => {
  const productId = await shop.product(5);
  await Promise.all([1, 2].map(() => shop.order([{ productId, quantity: 2 }])));
  shop.passTime(quarterHour);
  const { body: fresh } = await shop.order([{ productId, quantity: 1 }]);
  await Promise.all([shop.monolith.sweep(), shop.monolith.sweep()]);
  expect(await shop.stock(productId)).toEqual({ onHand: 5, reserved: 1, available: 4 });
  const seen = await shop.call('GET', `/orders/${fresh.id}`, { as: shop.customer });
  expect(seen.body.state).toBe('pending');
});

test('nobody is refused for the stock of an order that ran out, swept or not', async () => {
  const productId = await shop.product(4);
  await shop.order([{ productId, quantity: 4 }]);
  expect((await shop.order([{ productId, quantity: 1 }])).status).toBe(409);
  shop.passTime(quarterHour);
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => shop.order([{ productId, quantity: 1 }])),
  );
  expect(statusesOf(answers)).toEqual([...Array(4).fill(201), ...Array(6).fill(409)]);
  expect(await shop.stock(productId)).toEqual({ onHand: 4, reserved: 4, available: 0 });
});

test('one that ran out cannot be paid, and nothing is charged', async () => {
  const productId = await shop.product(1);
  const { body: order } = await shop.order([{ productId, quantity: 1 }]);
  shop.passTime(quarterHour);
  expect(await shop.pay(order.id, 'tok_ok')).toMatchObject({
    status: 409,
    body: { code: 'wrong-state', detail: 'An order that is expired cannot become paid.' },
  });
  const payments = await shop.call('GET', `/payments?orderId=${order.id}`, { as: shop.customer });
  expect(payments.body.items).toEqual([]);
});
