import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { releaseFromUsers } from '#monolith/release/release.ts';
import { copyUsers } from '#test/monolith/reporting/copied-users.ts';
import { refund, sell } from '#test/monolith/reporting/sales.ts';
import { startShop, type Shop } from '#test/monolith/shop.ts';
import { startUserServiceUnderTest, type UserServiceUnderTest } from '#test/user-service/system.ts';

let shop: Shop;
let service: UserServiceUnderTest;
beforeAll(async () => {
  service = await startUserServiceUnderTest();
  const remote = { kind: 'remote', url: service.url } as const;
  shop = await startShop({
    introspectionKey: service.introspectionKey,
    authDelegation: remote,
    customers: remote,
  });
  await copyUsers(shop.database, service.database);
  await releaseFromUsers(shop.database.url);
  // Without `cascade`: refused as long as anything that stays depends on them.
  await shop.database.query('drop table auth_tokens, user_preferences, user_profiles, users');
});
afterAll(async () => {
  await shop.stop();
  await service.stop();
});

test('released, the monolith sells, refunds, cancels, sweeps and reports without any table of the users', async () => {
  const productId = await shop.product(20);
  const orderId = await sell(shop, { paidAt: '2026-03-01 10:00:00', lines: [{ productId, quantity: 3 }] });
  await refund(shop, orderId, 500);
  const { body: open } = await shop.order([{ productId, quantity: 2 }]);
  expect((await shop.call('POST', `/orders/${open.id}/cancel`, { as: shop.customer })).status).toBe(200);
  const held = await shop.call('POST', '/inventory/reservations', {
    as: shop.customer,
    body: { productId, quantity: 1 },
  });
  expect(held.status).toBe(201);
  shop.passTime(60 * 60 * 1_000);
  await shop.monolith.sweep();
  expect(await shop.stock(productId)).toEqual({ onHand: 17, reserved: 0, available: 17 });
  const report = await shop.call('GET', '/reports/orders-by-customer?from=2026-03-01&to=2026-03-02', {
    as: shop.admin,
  });
  expect(report.body.items).toEqual([
    {
      userId: shop.customer.id,
      name: 'A Customer',
      email: expect.stringContaining('@example.com'),
      orders: 1,
      revenueCents: 2_500,
    },
  ]);
  for (const name of ['revenue', 'top-products'])
    expect((await shop.call('GET', `/reports/${name}`, { as: shop.admin })).status).toBe(200);
});
