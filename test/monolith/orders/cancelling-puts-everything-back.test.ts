import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startShop, statusesOf, type Shop } from '../shop.ts';

let shop: Shop;

beforeAll(async () => {
  shop = await startShop();
});
afterAll(() => shop.stop());

const cancel = (id: number) => shop.call('POST', `/orders/${id}/cancel`, { as: shop.customer });
const paymentsOf = async (id: number) =>
  (await shop.call('GET', `/payments?orderId=${id}`, { as: shop.customer })).body.items;

test('a pending order frees its stock', async () => {
  const productId = await shop.product(2);
  const { body: order } = await shop.order([{ productId, quantity: 2 }]);
  expect((await cancel(order.id)).body).toMatchObject({ state: 'cancelled' });
  expect(await shop.stock(productId)).toEqual({ onHand: 2, reserved: 0, available: 2 });
});

test('a paid order leaves the house; cancelled, it comes back and the money too', async () => {
  const productId = await shop.product(2, { priceCents: 700 });
  const { body: order } = await shop.order([{ productId, quantity: 2 }]);
  await shop.pay(order.id, 'tok_ok');
  expect(await shop.stock(productId)).toEqual({ onHand: 0, reserved: 0, available: 0 });
  expect((await cancel(order.id)).status).toBe(200);
  expect(await shop.stock(productId)).toEqual({ onHand: 2, reserved: 0, available: 2 });
  expect(await paymentsOf(order.id)).toMatchObject([
    {
      state: 'refunded',
      capturedCents: 1_400,
      refundedCents: 1_400,
      refunds: [{ amountCents: 1_400, state: 'done' }],
    },
  ]);
});

test('of a partly refunded order only the rest goes back, of a wholly refunded one nothing', async () => {
  const productId = await shop.product(2, { priceCents: 500 });
  const refund = (id: number, body: object) =>
    shop.call('POST', `/payments/${id}/refund`, { as: shop.admin, body });
  const amounts: number[][] = [];
  for (const first of [{ amountCents: 200 }, {}]) {
    const { body: order } = await shop.order([{ productId, quantity: 1 }]);
    await shop.pay(order.id, 'tok_ok');
    const [paid] = await paymentsOf(order.id);
    await refund(paid.id, first);
    expect((await cancel(order.id)).status).toBe(200);
    const [after] = await paymentsOf(order.id);
    expect(after).toMatchObject({ state: 'refunded', refundedCents: 500 });
    amounts.push(after.refunds.map((part: { amountCents: number }) => part.amountCents));
  }
  expect(amounts).toEqual([[200, 300], [500]]);
});

test('cancelled by ten at once, stock and money come back once', async () => {
  const productId = await shop.product(3, { priceCents: 100 });
  const { body: order } = await shop.order([{ productId, quantity: 3 }]);
  await shop.pay(order.id, 'tok_ok');
  const answers = await Promise.all(Array.from({ length: 10 }, () => cancel(order.id)));
  expect(statusesOf(answers)).toEqual([200, ...Array(9).fill(409)]);
  expect(await shop.stock(productId)).toEqual({ onHand: 3, reserved: 0, available: 3 });
  const [payment] = await paymentsOf(order.id);
  expect(payment.refunds).toHaveLength(1);
});

test('pay and cancel at once end in one of the two, never in both', async () => {
  const productId = await shop.product(20, { priceCents: 100 });
  for (let round = 0; round < 10; round++) {
    const { body: order } = await shop.order([{ productId, quantity: 1 }]);
    await Promise.all([shop.pay(order.id, 'tok_ok'), cancel(order.id)]);
    const { body: after } = await shop.call('GET', `/orders/${order.id}`, { as: shop.customer });
    const kept = (await paymentsOf(order.id))
      .map(
        (payment: { capturedCents: number; refundedCents: number }) =>
          payment.capturedCents - payment.refundedCents,
      )
      .reduce((sum: number, cents: number) => sum + cents, 0);
    expect([after.state, kept]).toEqual(after.state === 'paid' ? ['paid', 100] : ['cancelled', 0]);
    if (after.state === 'paid') await cancel(order.id);
  }
  expect(await shop.stock(productId)).toEqual({ onHand: 20, reserved: 0, available: 20 });
});
