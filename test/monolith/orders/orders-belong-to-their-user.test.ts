import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startShop, type Person, type Shop } from '../shop.ts';

let shop: Shop;
let stranger: Person;
let orderId: number;
let productId: number;

beforeAll(async () => {
  shop = await startShop();
  stranger = await shop.person();
  productId = await shop.product(10);
  orderId = (await shop.order([{ productId, quantity: 1 }])).body.id;
});
afterAll(() => shop.stop());

const method = { method: { token: 'tok_ok' } };
const routes = () =>
  [
    ['GET', `/orders/${orderId}`, undefined],
    ['POST', `/orders/${orderId}/pay`, method],
    ['POST', `/orders/${orderId}/cancel`, undefined],
  ] as const;

test('to a stranger it does not exist, whatever it asks', async () => {
  for (const [verb, path, body] of routes()) {
    const answer = await shop.call(verb, path, { as: stranger, body });
    expect(answer).toMatchObject({ status: 404, body: { code: 'order-not-found' } });
  }
});

test('an admin sees it', async () => {
  expect((await shop.call('GET', `/orders/${orderId}`, { as: shop.admin })).body.userId).toBe(
    shop.customer.id,
  );
});

test('only an admin ships, also one’s own', async () => {
  const answer = await shop.call('POST', `/orders/${orderId}/ship`, { as: shop.customer });
  expect(answer).toMatchObject({ status: 403, body: { code: 'not-allowed' } });
});

test('without a token nothing is answered', async () => {
  for (const [verb, path, body] of [...routes(), ['POST', '/orders', { lines: [] }] as const]) {
    const answer = await shop.call(verb, path, { body });
    expect(answer).toMatchObject({ status: 401, body: { code: 'not-authenticated' } });
  }
});

test.each(['0', '-1', '1.5', 'abc', '9007199254740993', '99999999999999999999', '4711'])(
  'order %s does not exist',
  async (id) => {
    const answer = await shop.call('GET', `/orders/${id}`, { as: shop.admin });
    expect(answer).toMatchObject({ status: 404, body: { code: 'order-not-found' } });
  },
);

test('an unknown product is told, and nothing is reserved', async () => {
  const answer = await shop.order([
    { productId, quantity: 1 },
    { productId: 4711, quantity: 1 },
  ]);
  expect(answer).toMatchObject({ status: 404, body: { code: 'product-not-found' } });
  expect((await shop.stock(productId)).reserved).toBe(1);
});

test('input that is out of bounds is refused, with its place', async () => {
  const line = { productId, quantity: 1 };
  const wrong: [unknown, string][] = [
    [{ lines: [] }, 'body.lines'],
    [{ lines: Array.from({ length: 51 }, () => line) }, 'body.lines'],
    [{ lines: [{ ...line, quantity: 0 }] }, 'body.lines.0.quantity'],
    [{ lines: [line, { ...line, quantity: 1_001 }] }, 'body.lines.1.quantity'],
    [{ lines: [{ ...line, quantity: 1.5 }] }, 'body.lines.0.quantity'],
    [{ lines: [{ ...line, productId: '1' }] }, 'body.lines.0.productId'],
    [{ lines: [{ ...line, priceCents: 1 }] }, 'body.lines.0'],
    [{ lines: [line], coupon: 'x' }, 'body'],
    [[], 'body'],
  ];
  for (const [body, path] of wrong) {
    const headers = { 'idempotency-key': 'k' };
    const answer = await shop.call('POST', '/orders', { as: shop.customer, body, headers });
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ path }] } });
  }
});

test('cancel and ship take no body but an empty object', async () => {
  for (const step of ['cancel', 'ship']) {
    const body = { reason: 'x' };
    const answer = await shop.call('POST', `/orders/${orderId}/${step}`, { as: shop.admin, body });
    expect(answer).toMatchObject({ status: 422, body: { code: 'validation-failed' } });
  }
  const { body: order } = await shop.order([{ productId, quantity: 1 }]);
  const cancelled = await shop.call('POST', `/orders/${order.id}/cancel`, { as: shop.customer, body: {} });
  expect(cancelled.status).toBe(200);
});

test('an order keeps the name and the price of its time', async () => {
  const id = await shop.product(5, { name: 'Old Name', priceCents: 100 });
  const { body: order } = await shop.order([{ productId: id, quantity: 3 }]);
  await shop.call('PATCH', `/products/${id}`, {
    as: shop.admin,
    body: { name: 'New Name', priceCents: 999 },
  });
  const { body: after } = await shop.call('GET', `/orders/${order.id}`, { as: shop.customer });
  expect(after).toEqual(order);
  expect(after).toMatchObject({ totalCents: 300, lines: [{ name: 'Old Name', unitPriceCents: 100 }] });
});
