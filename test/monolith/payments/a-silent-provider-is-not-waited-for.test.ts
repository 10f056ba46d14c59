import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startShop, type Shop } from '../shop.ts';

let shop: Shop;

beforeAll(async () => {
  shop = await startShop({ providerTimeoutMs: 200 });
});
afterAll(() => shop.stop());

test('tok_timeout at the simulated provider is 504 once the time is over', async () => {
  const productId = await shop.product(1);
  const { body: order } = await shop.order([{ productId, quantity: 1 }]);
  expect(await shop.pay(order.id, 'tok_timeout')).toMatchObject({
    status: 504,
    body: { code: 'payment-timeout' },
  });
});
