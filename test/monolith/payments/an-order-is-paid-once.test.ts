import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startShop, statusesOf, type Shop } from '../shop.ts';

let shop: Shop;
let productId: number;

beforeAll(async () => {
  shop = await startShop();
  productId = await shop.product(100, { priceCents: 250 });
});
afterAll(() => shop.stop());

const place = async (): Promise<number> => (await shop.order([{ productId, quantity: 2 }])).body.id;
const chargesOf = (orderId: number) =>
  shop.database.query<{ state: string; amount_cents: string }>(
    `select state, amount_cents from simulated_charges where reference like $1 order by reference`,
    [`order-${orderId}-%`],
  );
const paymentsOf = async (orderId: number) =>
  (await shop.call('GET', `/payments?orderId=${orderId}`, { as: shop.customer })).body.items;

test('tok_ok: authorised, captured, and the stock leaves the house', async () => {
  const before = await shop.stock(productId);
  const id = await place();
  const answer = await shop.pay(id, 'tok_ok');
  expect(answer).toMatchObject({ status: 200, body: { id, state: 'paid', totalCents: 500 } });
  expect(await paymentsOf(id)).toMatchObject([
    { orderId: id, attempt: 1, state: 'captured', failure: null, amountCents: 500, capturedCents: 500 },
  ]);
  expect(await chargesOf(id)).toEqual([{ state: 'captured', amount_cents: '500' }]);
  expect(await shop.stock(productId)).toMatchObject({ onHand: before.onHand - 2, reserved: before.reserved });
});

test('ten payments at once: one charge, one success', async () => {
  const id = await place();
  const answers = await Promise.all(Array.from({ length: 10 }, () => shop.pay(id, 'tok_ok')));
  expect(statusesOf(answers)).toEqual([200, ...Array(9).fill(409)]);
  const refusals = new Set(answers.filter(({ status }) => status === 409).map(({ body }) => body.code));
  expect([...refusals].filter((code) => !['payment-in-progress', 'wrong-state'].includes(code))).toEqual([]);
  expect(await chargesOf(id)).toEqual([{ state: 'captured', amount_cents: '500' }]);
  expect(await paymentsOf(id)).toHaveLength(1);
});

test('tok_duplicate: what was charged before under this reference is the same charge', async () => {
  const id = await place();
  expect(await shop.pay(id, 'tok_duplicate')).toMatchObject({ status: 200, body: { state: 'paid' } });
  expect(await chargesOf(id)).toEqual([{ state: 'captured', amount_cents: '500' }]);
});

test('tok_declined: nothing is charged, the order stays payable with another method', async () => {
  const id = await place();
  expect(await shop.pay(id, 'tok_declined')).toMatchObject({
    status: 402,
    body: { code: 'payment-declined', detail: expect.stringMatching('card-declined') },
  });
  const { body: order } = await shop.call('GET', `/orders/${id}`, { as: shop.customer });
  expect(order.state).toBe('pending');
  expect((await shop.pay(id, 'tok_ok')).status).toBe(200);
  expect(await paymentsOf(id)).toMatchObject([
    { attempt: 1, state: 'failed', failure: 'card-declined', capturedCents: 0 },
    { attempt: 2, state: 'captured', failure: null },
  ]);
});

test.each(['tok_unheard_of', '__proto__', 'constructor', 'TOK_OK'])(
  'an unknown method (%s) is declined',
  async (token) => {
    expect(await shop.pay(await place(), token)).toMatchObject({
      status: 402,
      body: { detail: expect.stringMatching('unknown-method') },
    });
  },
);

test.each([
  {},
  { method: {} },
  { method: { token: '' } },
  { method: { token: 'a b' } },
  { method: 'tok_ok' },
])('a method must be named rightly: %j', async (body) => {
  const answer = await shop.call('POST', `/orders/${await place()}/pay`, { as: shop.customer, body });
  expect(answer).toMatchObject({ status: 422, body: { code: 'validation-failed' } });
});

test('SQL itself refuses a second payment that is not failed', async () => {
  const id = await place();
  await shop.pay(id, 'tok_ok');
  await expect(
    shop.database.query(
      `insert into payments (order_id, user_id, attempt, reference, state, amount_cents, currency, lease_until)
       values ($1, $2, 99, 'another', 'authorising', 500, 'EUR', now())`,
      [id, shop.customer.id],
    ),
  ).rejects.toThrow('payments_one_taken_key');
});
