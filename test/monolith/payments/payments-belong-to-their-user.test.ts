import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startShop, type Person, type Shop } from '../shop.ts';

let shop: Shop;
let other: Person;
let own: number[];
let theirs: number[];

beforeAll(async () => {
  shop = await startShop();
  other = await shop.person();
  const productId = await shop.product(10);
  const paidBy = async (as: Person): Promise<number> => {
    const { body: order } = await shop.order([{ productId, quantity: 1 }], { as });
    await shop.pay(order.id, 'tok_ok', as);
    return order.id;
  };
  own = [await paidBy(shop.customer), await paidBy(shop.customer), await paidBy(shop.customer)];
  theirs = [await paidBy(other)];
});
afterAll(() => shop.stop());

async function list(as: Person, query: string): Promise<{ orderIds: number[]; nextCursor: string | null }> {
  const { body } = await shop.call('GET', `/payments?${query}`, { as });
  return {
    orderIds: body.items.map((payment: { orderId: number }) => payment.orderId),
    nextCursor: body.nextCursor,
  };
}

test('each sees its own, an admin all, by pages and by order', async () => {
  expect((await list(shop.customer, '')).orderIds).toEqual(own);
  expect((await list(shop.admin, '')).orderIds).toEqual([...own, ...theirs]);
  expect((await list(shop.customer, `orderId=${own[1]}`)).orderIds).toEqual([own[1]]);
  expect((await list(shop.customer, `orderId=${theirs[0]}`)).orderIds).toEqual([]);
  const first = await list(shop.customer, 'limit=2');
  expect(first.orderIds).toEqual(own.slice(0, 2));
  expect(await list(shop.customer, `limit=2&cursor=${first.nextCursor}`)).toEqual({
    orderIds: own.slice(2),
    nextCursor: null,
  });
});

test('one of another user does not exist', async () => {
  const { body } = await shop.call('GET', '/payments', { as: other });
  const path = `/payments/${body.items[0].id}`;
  expect((await shop.call('GET', path, { as: other })).status).toBe(200);
  expect((await shop.call('GET', path, { as: shop.admin })).status).toBe(200);
  for (const hidden of [path, '/payments/x', '/payments/4711']) {
    expect(await shop.call('GET', hidden, { as: shop.customer })).toMatchObject({
      status: 404,
      body: { code: 'payment-not-found' },
    });
  }
});
