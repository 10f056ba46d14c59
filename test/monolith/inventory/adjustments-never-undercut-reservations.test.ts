import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startShop, statusesOf, type Shop } from '../shop.ts';

let shop: Shop;

beforeAll(async () => {
  shop = await startShop();
});
afterAll(() => shop.stop());

const adjust = (body: object, as = shop.admin) =>
  shop.call('POST', '/inventory/adjustments', { as, body: { reason: 'count', ...body } });

test('what is reserved stays on hand', async () => {
  const productId = await shop.product(10);
  await shop.order([{ productId, quantity: 4 }]);
  expect(await adjust({ productId, delta: -7 })).toMatchObject({
    status: 409,
    body: { code: 'not-enough-stock' },
  });
  expect((await adjust({ productId, delta: -6 })).status).toBe(201);
  expect(await shop.stock(productId)).toEqual({ onHand: 4, reserved: 4, available: 0 });
});

test('at once they add up', async () => {
  const productId = await shop.product(0);
  const up = Array.from({ length: 20 }, () => adjust({ productId, delta: 3 }));
  expect(statusesOf(await Promise.all(up))).toEqual(Array(20).fill(201));
  const down = await Promise.all(Array.from({ length: 10 }, () => adjust({ productId, delta: -7 })));
  expect(statusesOf(down)).toEqual([...Array(8).fill(201), 409, 409]);
  expect((await shop.stock(productId)).onHand).toBe(4);
});

test('each is kept with who did it and why', async () => {
  const productId = await shop.product(0);
  for (const delta of [5, -2, 1]) await adjust({ productId, delta, reason: `by ${delta}` });
  const list = (query: string) =>
    shop.call('GET', `/inventory/adjustments?productId=${productId}&${query}`, { as: shop.admin });
  const { body } = await list('limit=2');
  expect(body.items).toMatchObject([
    { productId, delta: 5, reason: 'by 5', userId: shop.admin.id },
    { productId, delta: -2, reason: 'by -2', userId: shop.admin.id },
  ]);
  const { body: rest } = await list(`limit=2&cursor=${body.nextCursor}`);
  expect(rest).toMatchObject({ items: [{ delta: 1 }], nextCursor: null });
  const all = await shop.call('GET', '/inventory/adjustments', { as: shop.admin });
  expect(all.body.items.length).toBeGreaterThan(3);
});

test('there is an end to what fits', async () => {
  const productId = await shop.product(1);
  await shop.database.query('update stock set on_hand = 1000000000 - 10 where product_id = $1', [productId]);
  expect(await adjust({ productId, delta: 11 })).toMatchObject({
    status: 409,
    body: { code: 'too-much-stock' },
  });
  expect((await adjust({ productId, delta: 10 })).status).toBe(201);
});

test('admins only', async () => {
  expect((await adjust({ productId: 1, delta: 1 }, shop.customer)).status).toBe(403);
  expect((await shop.call('GET', '/inventory/adjustments', { as: shop.customer })).status).toBe(403);
});

test('no product, no change, no reason: refused', async () => {
  const productId = await shop.product(1);
  expect((await adjust({ productId: 4_711, delta: 1 })).status).toBe(404);
  for (const wrong of [{ delta: 0 }, { delta: 1_000_001 }, { delta: 0.5 }, { delta: 1, reason: ' ' }]) {
    expect((await adjust({ productId, ...wrong })).status).toBe(422);
  }
});

test('SQL itself refuses what the program must never do', async () => {
  const productId = await shop.product(3);
  const set = (values: string) =>
    shop.database.query(`update stock set ${values} where product_id = $1`, [productId]);
  await expect(set('reserved = 4')).rejects.toThrow('stock_on_hand_check');
  await expect(set('reserved = -1')).rejects.toThrow('stock_reserved_check');
});
