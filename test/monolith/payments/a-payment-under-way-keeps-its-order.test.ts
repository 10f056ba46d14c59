import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startShop, type Shop } from '../shop.ts';
import { scriptedProvider } from './scripted-provider.ts';

const provider = scriptedProvider();
let shop: Shop;
let productId: number;

beforeAll(async () => {
  shop = await startShop({ provider, providerTimeoutMs: 10_000 });
  productId = await shop.product(100, { priceCents: 100 });
});
afterAll(() => shop.stop());

const place = async (): Promise<number> => (await shop.order([{ productId, quantity: 1 }])).body.id;
const cancel = (id: number) => shop.call('POST', `/orders/${id}/cancel`, { as: shop.customer });
const takenFor = (id: number): number[] =>
  [...provider.charges.values()]
    .filter(({ reference, state }) => state === 'captured' && reference.startsWith(`order-${id}-`))
    .map((charge) => charge.amountCents);
async function called(call: string): Promise<void> {
  while (!provider.calls.includes(call)) await new Promise((resolve) => setImmediate(resolve));
}

test('nobody pays, cancels or expires it meanwhile', async () => {
  const before = await shop.stock(productId);
  const id = await place();
  const gate = Promise.withResolvers<void>();
  provider.fate('authorise', gate.promise);
  const paying = shop.pay(id, 'tok_ok');
  await called(`authorise order-${id}-1`);

  for (const answer of [await shop.pay(id, 'tok_ok'), await cancel(id)]) {
    expect(answer).toMatchObject({ status: 409, body: { code: 'payment-in-progress' } });
    expect(answer.headers['retry-after']).toBe('2');
  }
  await shop.monolith.sweep();
  await shop.database.query(`update orders set reserved_until = '2020-01-01' where id = $1`, [id]);
  await shop.monolith.sweep();
  expect((await shop.stock(productId)).reserved).toBe(before.reserved + 1);

  gate.resolve();
  expect(await paying).toMatchObject({ status: 200, body: { state: 'paid' } });
  expect(await shop.stock(productId)).toMatchObject({
    onHand: before.onHand - 1,
    reserved: before.reserved,
  });
});

test('a payer so slow that its lease ran out, and who was called off, takes nothing', async () => {
  const id = await place();
  const gate = Promise.withResolvers<void>();
  provider.fate('capture', gate.promise);
  const paying = shop.pay(id, 'tok_ok');
  await called(`capture order-${id}-1`);
  shop.passTime(60_000);
  expect((await cancel(id)).status).toBe(200);
  gate.resolve();
  expect(await paying).toMatchObject({ status: 402, body: { code: 'payment-declined' } });
  expect(takenFor(id)).toEqual([]);
  expect((await shop.call('GET', `/orders/${id}`, { as: shop.customer })).body.state).toBe('cancelled');
});

test('a payer so slow that another finished its payment pays once', async () => {
  const before = await shop.stock(productId);
  const id = await place();
  const gate = Promise.withResolvers<void>();
  provider.fate('capture', gate.promise);
  const paying = shop.pay(id, 'tok_ok');
  await called(`capture order-${id}-1`);
  shop.passTime(60_000);
  expect((await shop.pay(id, 'tok_ok')).status).toBe(200);
  gate.resolve();
  expect((await paying).status).toBe(200);
  expect(takenFor(id)).toEqual([100]);
  expect((await shop.stock(productId)).onHand).toBe(before.onHand - 1);
});

test('a charge of another amount under our reference is not taken for ours', async () => {
  const id = await place();
  const reference = `order-${id}-1`;
  provider.charges.set(reference, { reference, state: 'authorised', amountCents: 1 });
  expect(await shop.pay(id, 'tok_ok')).toMatchObject({
    status: 402,
    body: { detail: expect.stringMatching('amount-mismatch') },
  });
  expect((await shop.pay(id, 'tok_ok')).status).toBe(200);
  expect(provider.charges.get(reference)?.state).toBe('authorised');
  expect(provider.charges.get(`order-${id}-2`)).toMatchObject({ state: 'captured', amountCents: 100 });
});
