import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startShop, type Shop } from '../shop.ts';
import { scriptedProvider } from './scripted-provider.ts';

const provider = scriptedProvider();
let shop: Shop;
let productId: number;

beforeAll(async () => {
  shop = await startShop({ provider, providerTimeoutMs: 60 });
  productId = await shop.product(100, { priceCents: 100 });
});
afterAll(() => shop.stop());

const place = async (): Promise<number> => (await shop.order([{ productId, quantity: 1 }])).body.id;
const stateOf = async (orderId: number) =>
  (await shop.call('GET', `/orders/${orderId}`, { as: shop.customer })).body.state;

const chargesOf = (orderId: number) =>
  [...provider.charges.values()].filter(({ reference }) => reference.startsWith(`order-${orderId}-`));

/** What a process leaves behind that died in the middle of a payment: the row, its lease, the provider's books. */
async function diedWhile(
  state: 'authorising' | 'authorised',
  orderId: number,
  charge?: 'authorised' | 'captured' | 'declined',
): Promise<void> {
  const reference = `order-${orderId}-1`;
  await shop.database.query(
    `insert into payments (order_id, user_id, attempt, reference, state, amount_cents, currency, lease_until)
     values ($1, $2, 1, $3, $4, 100, 'EUR', $5)`,
    [orderId, shop.customer.id, reference, state, new Date(shop.now().getTime() + 60_000).toISOString()],
  );
  if (charge !== undefined) {
    provider.charges.set(reference, {
      reference,
      state: charge,
      amountCents: charge === 'declined' ? 0 : 100,
    });
  }
}

test.each([
  ['authorising', undefined, 'pending', []],
  ['authorising', 'declined', 'pending', []],
  ['authorising', 'authorised', 'paid', [100]],
  ['authorising', 'captured', 'paid', [100]],
  ['authorised', 'authorised', 'paid', [100]],
  ['authorised', 'captured', 'paid', [100]],
] as const)('died while %s, provider says %s: the order is %s', async (state, charge, order, taken) => {
  const id = await place();
  await diedWhile(state, id, charge);
  await shop.monolith.sweep();
  expect(await stateOf(id)).toBe('pending');
  shop.passTime(60_000);
  await shop.monolith.sweep();
  expect(await stateOf(id)).toBe(order);
  const charges = chargesOf(id);
  expect(charges.filter((charge) => charge.state === 'authorised')).toEqual([]);
  expect(charges.filter((charge) => charge.state === 'captured').map((charge) => charge.amountCents)).toEqual(
    taken,
  );
});

test('two sweeps at once settle it once', async () => {
  const id = await place();
  await diedWhile('authorising', id, 'authorised');
  shop.passTime(60_000);
  await Promise.all([shop.monolith.sweep(), shop.monolith.sweep()]);
  expect(await stateOf(id)).toBe('paid');
  expect(provider.calls.filter((call) => call === `capture order-${id}-1`)).toHaveLength(1);
});

test('cancelled after a crash that came after the capture: the money goes back', async () => {
  const before = await shop.stock(productId);
  const id = await place();
  await diedWhile('authorised', id, 'captured');
  shop.passTime(60_000);
  const answer = await shop.call('POST', `/orders/${id}/cancel`, { as: shop.customer });
  expect(answer).toMatchObject({ status: 200, body: { state: 'cancelled' } });
  expect(provider.refunds.get(`order-${id}-1-refund-1`)).toBe(100);
  expect(await shop.stock(productId)).toEqual(before);
});

test.each(['find', 'capture'] as const)('a lost %s is 504, and is tried again', async (name) => {
  const id = await place();
  await diedWhile('authorising', id, 'authorised');
  shop.passTime(60_000);
  provider.fate(name, 'lost-answer');
  expect((await shop.pay(id, 'tok_ok')).status).toBe(504);
  expect((await shop.pay(id, 'tok_ok')).status).toBe(200);
  expect(chargesOf(id)).toHaveLength(1);
});

test('a lost release leaves the order as it is', async () => {
  const id = await place();
  await diedWhile('authorising', id);
  shop.passTime(60_000);
  provider.fate('release', 'lost-request');
  const cancel = () => shop.call('POST', `/orders/${id}/cancel`, { as: shop.customer });
  expect((await cancel()).status).toBe(504);
  expect(await stateOf(id)).toBe('pending');
  expect((await cancel()).status).toBe(200);
});
