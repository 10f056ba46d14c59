import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { startShop, statusesOf, type Shop } from '../shop.ts';

let shop: Shop;
let productId: number;

beforeAll(async () => {
  shop = await startShop();
  productId = await shop.product(1_000);
});
afterAll(() => shop.stop());

const one = () => [{ productId, quantity: 1 }];
const ordersOf = async (userId: number): Promise<number> => {
  const [row] = await shop.database.query<{ n: number }>(
    'select count(*)::int as n from orders where user_id = $1',
    [userId],
  );
  return row?.n ?? -1;
};

test('a repeat gets the first answer, byte for byte, even when the order has moved on', async () => {
  const as = await shop.person();
  const key = randomUUID();
  const first = await shop.order(one(), { as, key });
  expect(first.status).toBe(201);
  expect(first.headers['idempotent-replayed']).toBeUndefined();
  await shop.pay(first.body.id, 'tok_ok', as);
  const again = await shop.order(one(), { as, key });
  expect(again).toMatchObject({ status: 201, text: first.text });
  expect(again.headers['idempotent-replayed']).toBe('true');
  expect(await ordersOf(as.id)).toBe(1);
});

test('20 at once place one order, and all get its answer', async () => {
  const as = await shop.person();
  const key = randomUUID();
  const before = await shop.stock(productId);
  const answers = await Promise.all(Array.from({ length: 20 }, () => shop.order(one(), { as, key })));
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  expect(statusesOf(answers)).toEqual(Array(20).fill(201));
  expect(answers.filter(({ headers }) => headers['idempotent-replayed'] === undefined)).toHaveLength(1);
  expect(await ordersOf(as.id)).toBe(1);
  expect((await shop.stock(productId)).reserved).toBe(before.reserved + 1);
});

test('with another body it is refused', async () => {
  const as = await shop.person();
  const key = randomUUID();
  await shop.order(one(), { as, key });
  const other = await shop.order([{ productId, quantity: 2 }], { as, key });
  expect(other).toMatchObject({ status: 422, body: { code: 'idempotency-key-reused' } });
  expect(await ordersOf(as.id)).toBe(1);
});

test('the key of another user is another key', async () => {
  const [one1, one2] = [await shop.person(), await shop.person()];
  const key = randomUUID();
  const answers = await Promise.all([one1, one2].map((as) => shop.order(one(), { as, key })));
  expect(statusesOf(answers)).toEqual([201, 201]);
  expect(answers[0]?.body.id).not.toBe(answers[1]?.body.id);
});

test('a refused order leaves its key unused', async () => {
  const as = await shop.person();
  const key = randomUUID();
  const scarce = await shop.product(0);
  const lines = [{ productId: scarce, quantity: 1 }];
  expect((await shop.order(lines, { as, key })).status).toBe(409);
  const body = { productId: scarce, delta: 1, reason: 'delivery' };
  await shop.call('POST', '/inventory/adjustments', { as: shop.admin, body });
  expect((await shop.order(lines, { as, key })).status).toBe(201);
});

test('no key is 400; a key that is not visible ASCII, or too long, is 422', async () => {
  const as = shop.customer;
  const body = { lines: one() };
  expect(await shop.call('POST', '/orders', { as, body })).toMatchObject({
    status: 400,
    body: { code: 'idempotency-key-required' },
  });
  for (const key of ['', 'two words', 'x'.repeat(129)]) {
    const answer = await shop.order(one(), { key });
    expect(answer).toMatchObject({
      status: 422,
      body: { code: 'validation-failed', errors: [{ path: 'header.idempotency-key' }] },
    });
  }
  expect((await shop.order(one(), { key: 'x'.repeat(128) })).status).toBe(201);
});

test('after 7 days a key is forgotten, and not before', async () => {
  const as = await shop.person();
  const [old, young] = [randomUUID(), randomUUID()];
  await shop.order(one(), { as, key: old });
  await shop.order(one(), { as, key: young });
  const age = `update idempotency_keys set created_at = created_at - $2::interval where idempotency_key = $1`;
  await shop.database.query(age, [old, '7 days 1 minute']);
  await shop.database.query(age, [young, '6 days 23 hours']);
  await shop.monolith.sweep();
  expect((await shop.order(one(), { as, key: young })).headers['idempotent-replayed']).toBe('true');
  expect((await shop.order(one(), { as, key: old })).headers['idempotent-replayed']).toBeUndefined();
});
