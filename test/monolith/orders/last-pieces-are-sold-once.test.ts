import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startShop, statusesOf, type Shop } from '../shop.ts';

let shop: Shop;

beforeAll(async () => {
  shop = await startShop();
});
afterAll(() => shop.stop());

test('50 orders at once for the last 10 pieces: exactly 10 get one', async () => {
  const productId = await shop.product(10);
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => shop.order([{ productId, quantity: 1 }])),
  );
  expect(statusesOf(answers)).toEqual([...Array(10).fill(201), ...Array(40).fill(409)]);
  expect(new Set(answers.filter(({ status }) => status === 409).map(({ body }) => body.code))).toEqual(
    new Set(['not-enough-stock']),
  );
  expect(await shop.stock(productId)).toEqual({ onHand: 10, reserved: 10, available: 0 });
});

test('orders of several products in opposite orders do not deadlock, and none is oversold', async () => {
  const products = await Promise.all(Array.from({ length: 5 }, () => shop.product(20)));
  const lines = products.map((productId) => ({ productId, quantity: 1 }));
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, n) => shop.order(n % 2 === 0 ? lines : lines.toReversed())),
  );
  expect(statusesOf(answers)).toEqual([...Array(20).fill(201), ...Array(20).fill(409)]);
  for (const productId of products) {
    expect(await shop.stock(productId)).toEqual({ onHand: 20, reserved: 20, available: 0 });
  }
});

test('an order that lacks one of its lines reserves none of the others', async () => {
  const plenty = await shop.product(5);
  const scarce = await shop.product(1);
  const refused = await shop.order([
    { productId: plenty, quantity: 2 },
    { productId: scarce, quantity: 2 },
  ]);
  expect(refused).toMatchObject({ status: 409, body: { code: 'not-enough-stock' } });
  expect(await shop.stock(plenty)).toEqual({ onHand: 5, reserved: 0, available: 5 });
});

test('the same product on two lines counts together', async () => {
  const productId = await shop.product(3);
  const twice = (quantity: number) => [
    { productId, quantity },
    { productId, quantity: 2 },
  ];
  expect((await shop.order(twice(2))).status).toBe(409);
  expect((await shop.order(twice(1))).body).toMatchObject({ totalCents: 3_000, lines: twice(1) });
  expect(await shop.stock(productId)).toEqual({ onHand: 3, reserved: 3, available: 0 });
});
