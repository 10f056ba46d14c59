import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { periodic } from '#monolith/periodic.ts';
import { startShop, type Shop } from '../shop.ts';

let shop: Shop;

beforeAll(async () => {
  shop = await startShop({ sweepEveryMs: 20 });
});
afterAll(() => shop.stop());

test('stock of an order that ran out comes back without anybody asking', async () => {
  const productId = await shop.product(1);
  await shop.order([{ productId, quantity: 1 }]);
  shop.passTime(15 * 60 * 1_000);
  while ((await shop.stock(productId)).reserved > 0) await delay(5);
  expect(await shop.stock(productId)).toEqual({ onHand: 1, reserved: 0, available: 1 });
});

test('a run that fails is told, and the next comes; no two run at once; after stop none does', async () => {
  const errors: unknown[] = [];
  let runs = 0;
  let running = 0;
  const third = Promise.withResolvers<void>();
  const repeated = periodic({
    everyMs: 1,
    onError: (error) => errors.push(error),
    async task() {
      running += 1;
      expect(running).toBe(1);
      await delay(5);
      running -= 1;
      runs += 1;
      if (runs === 3) third.resolve();
      if (runs === 1) throw new Error('first');
    },
  });
  await third.promise;
  await repeated.stop();
  const before = runs;
  expect(running).toBe(0);
  await delay(20);
  expect(runs).toBe(before);
  expect(errors).toEqual([new Error('first')]);
});
