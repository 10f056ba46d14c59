import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startShop, statusesOf, type Shop } from '../shop.ts';
import { scriptedProvider, type ScriptedProvider } from './scripted-provider.ts';

let shop: Shop;
let provider: ScriptedProvider;
let productId: number;

beforeAll(async () => {
  provider = scriptedProvider();
  shop = await startShop({ provider, providerTimeoutMs: 60 });
  productId = await shop.product(100, { priceCents: 1_000 });
});
afterAll(() => shop.stop());

async function paid(): Promise<number> {
  const { body: order } = await shop.order([{ productId, quantity: 1 }]);
  await shop.pay(order.id, 'tok_ok');
  return (await shop.call('GET', `/payments?orderId=${order.id}`, { as: shop.customer })).body.items[0].id;
}
const refund = (id: number, body: unknown) =>
  shop.call('POST', `/payments/${id}/refund`, { as: shop.admin, body });

test('parts, up to all of it; then it is refunded', async () => {
  const id = await paid();
  expect((await refund(id, { amountCents: 400 })).body).toMatchObject({
    state: 'captured',
    capturedCents: 1_000,
    refundedCents: 400,
  });
  expect(await refund(id, { amountCents: 601 })).toMatchObject({
    status: 409,
    body: { code: 'refund-exceeds-capture', detail: expect.stringMatching('600 cents') },
  });
  expect((await refund(id, { amountCents: 600 })).body).toMatchObject({
    state: 'refunded',
    refundedCents: 1_000,
    refunds: [
      { amountCents: 400, state: 'done' },
      { amountCents: 600, state: 'done' },
    ],
  });
  expect((await refund(id, {})).status).toBe(409);
});

test('without an amount, or without a body, all that is left', async () => {
  const [one, two] = [await paid(), await paid()];
  await refund(one, { amountCents: 1 });
  expect((await refund(one, {})).body.refunds).toMatchObject([{ amountCents: 1 }, { amountCents: 999 }]);
  expect((await refund(two, undefined)).body).toMatchObject({ state: 'refunded', refundedCents: 1_000 });
});

test('at once, they never promise more than there is', async () => {
  const id = await paid();
  const answers = await Promise.all(Array.from({ length: 8 }, () => refund(id, { amountCents: 300 })));
  expect(statusesOf(answers)).toEqual([200, 200, 200, ...Array(5).fill(409)]);
  const { body } = await shop.call('GET', `/payments/${id}`, { as: shop.customer });
  expect(body).toMatchObject({ state: 'captured', refundedCents: 900 });
});

test('a refund that the provider did not take is promised, and sent under the same reference until it is', async () => {
  const id = await paid();
  const before = provider.refunds.size;
  provider.fate('refund', 'lost-request');
  expect(await refund(id, {})).toMatchObject({
    status: 202,
    body: { state: 'captured', refundedCents: 1_000, refunds: [{ state: 'pending' }] },
  });
  provider.fate('refund', 'lost-answer');
  await shop.monolith.sweep();
  await shop.monolith.sweep();
  const { body } = await shop.call('GET', `/payments/${id}`, { as: shop.customer });
  expect(body).toMatchObject({ state: 'refunded', refunds: [{ state: 'done' }] });
  expect(provider.refunds.size).toBe(before + 1);
});

test('a failed payment has nothing to refund', async () => {
  const { body: order } = await shop.order([{ productId, quantity: 1 }]);
  provider.fate('authorise', { reference: 'x', state: 'declined', amountCents: 0 });
  await shop.pay(order.id, 'tok_ok');
  const { body } = await shop.call('GET', `/payments?orderId=${order.id}`, { as: shop.customer });
  expect(body.items).toMatchObject([{ state: 'failed', failure: 'declined' }]);
  expect(await refund(body.items[0].id, {})).toMatchObject({ status: 409 });
});

test.each([
  { amountCents: 0 },
  { amountCents: -1 },
  { amountCents: 1.5 },
  { amountCents: '1' },
  { cents: 1 },
])('%j is no refund', async (body) => {
  expect((await refund(await paid(), body)).status).toBe(422);
});

test('only admins refund, and only what exists', async () => {
  const id = await paid();
  const answer = await shop.call('POST', `/payments/${id}/refund`, { as: shop.customer, body: {} });
  expect(answer).toMatchObject({ status: 403, body: { code: 'not-allowed' } });
  expect(await refund(4_711, {})).toMatchObject({ status: 404, body: { code: 'payment-not-found' } });
});
