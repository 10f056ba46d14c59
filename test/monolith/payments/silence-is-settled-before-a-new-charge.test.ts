import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Sequelize } from 'sequelize';
import { openDatabase } from '#monolith/database.ts';
import { chargesInSilence, simulatedProvider } from '#monolith/payments/simulated-provider.ts';
import { startShop, type Shop } from '../shop.ts';

let shop: Shop;
let books: Sequelize;
let productId: number;

beforeAll(async () => {
  shop = await startShop((databaseUrl) => {
    books = openDatabase(databaseUrl);
    const provider = simulatedProvider(books);
    return {
      provider: {
        ...provider,
        // The silence of tok_timeout is given up at once, so that no other call must be quick.
        authorise: (request, signal) =>
          provider.authorise(request, request.methodToken === 'tok_timeout' ? AbortSignal.abort() : signal),
      },
    };
  });
  productId = await shop.product(1_000, { priceCents: 100 });
});
afterAll(async () => {
  await books.close();
  await shop.stop();
});

/** An order whose first payment with tok_timeout is charged in silence, or is not: its id decides. */
async function orderThat(charges: boolean): Promise<number> {
  for (;;) {
    const { id } = (await shop.order([{ productId, quantity: 1 }])).body as { id: number };
    if (chargesInSilence(`order-${id}-1`) === charges) return id;
  }
}
const chargesOf = (orderId: number) =>
  shop.database.query<{ reference: string; state: string }>(
    `select reference, state from simulated_charges where reference like $1 order by reference`,
    [`order-${orderId}-%`],
  );
const stateOf = async (orderId: number) =>
  (await shop.call('GET', `/orders/${orderId}`, { as: shop.customer })).body.state;

test('no answer is 504, and the order stays payable', async () => {
  const id = await orderThat(true);
  expect(await shop.pay(id, 'tok_timeout')).toMatchObject({ status: 504, body: { code: 'payment-timeout' } });
  expect(await stateOf(id)).toBe('pending');
});

test('charged in silence: paying again finds that charge and makes no other', async () => {
  const id = await orderThat(true);
  await shop.pay(id, 'tok_timeout');
  expect(await shop.pay(id, 'tok_ok')).toMatchObject({ status: 200, body: { state: 'paid' } });
  expect(await chargesOf(id)).toEqual([{ reference: `order-${id}-1`, state: 'captured' }]);
});

test('not charged: the lost reference is blocked, and a new one is charged', async () => {
  const id = await orderThat(false);
  await shop.pay(id, 'tok_timeout');
  expect(await chargesOf(id)).toEqual([]);
  expect((await shop.pay(id, 'tok_ok')).status).toBe(200);
  expect(await chargesOf(id)).toEqual([
    { reference: `order-${id}-1`, state: 'released' },
    { reference: `order-${id}-2`, state: 'captured' },
  ]);
});

test('the sweep finds it out by itself, either way', async () => {
  const [charged, lost] = [await orderThat(true), await orderThat(false)];
  await Promise.all([charged, lost].map((id) => shop.pay(id, 'tok_timeout')));
  await shop.monolith.sweep();
  expect([await stateOf(charged), await stateOf(lost)]).toEqual(['paid', 'pending']);
  expect((await shop.pay(lost, 'tok_ok')).status).toBe(200);
});

test('an order does not expire over an unknown payment; once that is settled, it is paid', async () => {
  const id = await orderThat(true);
  await shop.pay(id, 'tok_timeout');
  const held = await shop.stock(productId);
  shop.passTime(16 * 60 * 1_000);
  expect(await stateOf(id)).toBe('pending');
  await shop.monolith.sweep();
  expect(await stateOf(id)).toBe('paid');
  expect((await shop.stock(productId)).onHand).toBe(held.onHand - 1);
});

test('cancelling calls off what was charged in silence', async () => {
  for (const charges of [true, false]) {
    const id = await orderThat(charges);
    await shop.pay(id, 'tok_timeout');
    const answer = await shop.call('POST', `/orders/${id}/cancel`, { as: shop.customer });
    expect(answer).toMatchObject({ status: 200, body: { state: 'cancelled' } });
    expect(await chargesOf(id)).toEqual([{ reference: `order-${id}-1`, state: 'released' }]);
  }
});
