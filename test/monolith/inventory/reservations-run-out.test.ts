import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startShop, statusesOf, type Shop } from '../shop.ts';

let shop: Shop;

beforeAll(async () => {
  shop = await startShop();
});
afterAll(() => shop.stop());

const reserve = (body: unknown) => shop.call('POST', '/inventory/reservations', { as: shop.customer, body });
const release = (path: string, as = shop.customer) => shop.call('DELETE', path, { as });
const look = (path: string, as = shop.customer) => shop.call('GET', path, { as });

test('a reservation holds its pieces until its time, then it is over, swept or not', async () => {
  const productId = await shop.product(5);
  const made = await reserve({ productId, quantity: 3, ttlSeconds: 60 });
  expect(made).toMatchObject({ status: 201, body: { productId, quantity: 3, state: 'active' } });
  const path = String(made.headers['location']);
  shop.passTime(59_000);
  await shop.monolith.sweep();
  expect(await shop.stock(productId)).toEqual({ onHand: 5, reserved: 3, available: 2 });
  shop.passTime(2_000);
  expect((await look(path)).body.state).toBe('expired');
  await Promise.all([shop.monolith.sweep(), shop.monolith.sweep()]);
  expect(await shop.stock(productId)).toEqual({ onHand: 5, reserved: 0, available: 5 });
  expect((await look(path)).body.state).toBe('expired');
  expect((await release(path)).status).toBe(404);
});

test('without a time it is held for 15 minutes', async () => {
  const productId = await shop.product(1);
  const before = Date.now();
  const { body } = await reserve({ productId, quantity: 1 });
  expect(Date.parse(body.expiresAt) - before).toBeGreaterThanOrEqual(900_000);
});

test('what ran out is freed for whoever needs it: reservation, order, adjustment', async () => {
  const productId = await shop.product(2);
  const wants = [
    () => reserve({ productId, quantity: 2, ttlSeconds: 1 }),
    () => shop.order([{ productId, quantity: 2 }]),
    () => {
      const body = { productId, delta: -2, reason: 'broken' };
      return shop.call('POST', '/inventory/adjustments', { as: shop.admin, body });
    },
  ];
  for (const want of wants) {
    await reserve({ productId, quantity: 2, ttlSeconds: 1 });
    expect((await want()).status).toBe(409);
    shop.passTime(15 * 60 * 1_000);
    expect((await want()).status).toBe(201);
    shop.passTime(15 * 60 * 1_000);
  }
});

test('30 reservations at once for 7 pieces hold exactly 7', async () => {
  const productId = await shop.product(7);
  const answers = await Promise.all(Array.from({ length: 30 }, () => reserve({ productId, quantity: 1 })));
  expect(statusesOf(answers)).toEqual([...Array(7).fill(201), ...Array(23).fill(409)]);
  expect(await shop.stock(productId)).toEqual({ onHand: 7, reserved: 7, available: 0 });
});

test('released by its holder, once', async () => {
  const productId = await shop.product(5);
  const path = String((await reserve({ productId, quantity: 3 })).headers['location']);
  const answers = await Promise.all(Array.from({ length: 5 }, () => release(path)));
  expect(statusesOf(answers)).toEqual([204, 404, 404, 404, 404]);
  expect(await shop.stock(productId)).toEqual({ onHand: 5, reserved: 0, available: 5 });
  expect((await look(path)).body.state).toBe('released');
});

test('nobody else sees or releases it, but an admin', async () => {
  const productId = await shop.product(5);
  const path = String((await reserve({ productId, quantity: 1 })).headers['location']);
  const stranger = await shop.person();
  for (const answer of [await look(path, stranger), await release(path, stranger)]) {
    expect(answer).toMatchObject({ status: 404, body: { code: 'reservation-not-found' } });
  }
  expect((await look(path, shop.admin)).status).toBe(200);
  expect((await release(path, shop.admin)).status).toBe(204);
  expect((await release('/inventory/reservations/none')).status).toBe(404);
});

test('what an order holds ends with the order alone', async () => {
  const productId = await shop.product(5);
  await shop.order([{ productId, quantity: 2 }]);
  const [row] = await shop.database.query<{ id: string }>(
    'select max(id) as id from reservations where product_id = $1',
    [productId],
  );
  const path = `/inventory/reservations/${row?.id}`;
  expect((await look(path)).body.state).toBe('active');
  expect(await release(path)).toMatchObject({ status: 409, body: { code: 'held-for-order' } });
  expect((await shop.stock(productId)).reserved).toBe(2);
});

test.each([
  { quantity: 0 },
  { quantity: 1_001 },
  { quantity: 1, ttlSeconds: 0 },
  { quantity: 1, ttlSeconds: 3_601 },
  { quantity: 1, note: 'x' },
])('%j is refused', async (fields) => {
  expect((await reserve({ productId: 1, ...fields })).status).toBe(422);
});

test('an unknown product is 404', async () => {
  expect(await reserve({ productId: 4_711, quantity: 1 })).toMatchObject({
    status: 404,
    body: { code: 'product-not-found' },
  });
});
