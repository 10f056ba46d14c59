import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Sequelize } from 'sequelize';
import { openDatabase } from '#monolith/database.ts';
import { simulatedProvider } from '#monolith/payments/simulated-provider.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';

let database: TestDatabase;
let sequelize: Sequelize;
const signal = AbortSignal.timeout(60_000);

beforeAll(async () => {
  database = await createTestDatabase('monolith');
  sequelize = openDatabase(database.url);
});
afterAll(async () => {
  await sequelize.close();
  await database.drop();
});

const request = (reference: string, methodToken = 'tok_ok') => ({
  reference,
  amountCents: 500,
  currency: 'EUR',
  methodToken,
});

test('a reference is charged once, whatever comes again, also after a restart', async () => {
  const provider = simulatedProvider(sequelize);
  const first = await provider.authorise(request('a'), signal);
  expect(first).toEqual({ reference: 'a', state: 'authorised', amountCents: 500, duplicate: false });
  await provider.capture('a', signal);
  const restarted = simulatedProvider(sequelize);
  expect(await restarted.authorise({ ...request('a'), amountCents: 9 }, signal)).toEqual({
    reference: 'a',
    state: 'captured',
    amountCents: 500,
    duplicate: true,
  });
});

test('of several at once one is charged and the others are told so', async () => {
  const provider = simulatedProvider(sequelize);
  const charges = await Promise.all(
    Array.from({ length: 5 }, () => provider.authorise(request('b'), signal)),
  );
  expect(charges.filter((charge) => !charge.duplicate)).toHaveLength(1);
});

test('a released reference is blocked before and after it was charged', async () => {
  const provider = simulatedProvider(sequelize);
  expect(await provider.release('c', signal)).toMatchObject({ state: 'released', amountCents: 0 });
  expect(await provider.authorise(request('c'), signal)).toMatchObject({ state: 'released' });
  await provider.authorise(request('d'), signal);
  expect(await provider.release('d', signal)).toMatchObject({ state: 'released' });
  expect(await provider.capture('d', signal)).toMatchObject({ state: 'released' });
});

test('what is captured or declined stays so', async () => {
  const provider = simulatedProvider(sequelize);
  await provider.authorise(request('e'), signal);
  await provider.capture('e', signal);
  expect(await provider.release('e', signal)).toMatchObject({ state: 'captured' });
  expect(await provider.capture('e', signal)).toMatchObject({ state: 'captured' });
  await provider.authorise(request('f', 'tok_declined'), signal);
  expect(await provider.release('f', signal)).toMatchObject({
    state: 'declined',
    declineCode: 'card-declined',
  });
});

test('it knows nothing of what never came', async () => {
  const provider = simulatedProvider(sequelize);
  expect(await provider.find('nothing', signal)).toBeUndefined();
  await expect(provider.capture('nothing', signal)).rejects.toThrow('knows no charge nothing');
});

test('tok_timeout answers only when it is given up', async () => {
  const provider = simulatedProvider(sequelize);
  await expect(provider.authorise(request('g', 'tok_timeout'), AbortSignal.timeout(20))).rejects.toThrow(
    'did not answer',
  );
  await expect(provider.authorise(request('h', 'tok_timeout'), AbortSignal.abort())).rejects.toThrow();
});

test('it gives back what it captured, once for each reference, and no more', async () => {
  const provider = simulatedProvider(sequelize);
  const back = (reference: string, amountCents: number) =>
    provider.refund({ reference, chargeReference: 'i', amountCents }, signal);
  await provider.authorise(request('i'), signal);
  await expect(back('i-1', 1)).rejects.toThrow('more than it captured');
  await provider.capture('i', signal);
  await Promise.all([back('i-1', 300), back('i-1', 300)]);
  await expect(back('i-2', 201)).rejects.toThrow('more than it captured');
  await back('i-2', 200);
  const [sum] = await database.query<{ cents: string }>(
    `select sum(amount_cents) as cents from simulated_refunds where charge_reference = 'i'`,
  );
  expect(sum?.cents).toBe('500');
});
