import { expect, test } from '@jest/globals';
import { actionOf } from '#sample/traffic/actions.ts';
import type { Response } from '#sample/traffic/client.ts';
import { planSession } from '#sample/traffic/plan.ts';
import { createShopper, type Shopper } from '#sample/traffic/shopper.ts';
import type { Step } from '#sample/traffic/steps.ts';
import type { Verdict } from '#sample/traffic/verdict.ts';

const population = { users: 6_000, products: 100, orders: 1 };
const shopper = (): Shopper => {
  const made = createShopper(planSession(1, 0, population), { runId: 'r', introspectionKey: 'k' });
  return Object.assign(made, { userId: 17, email: 'user17@example.com', accessToken: 'a' });
};
const json = (status: number, body?: unknown): Response => ({
  status,
  contentType: 'application/json',
  body,
});
const judge = (step: Step, response: Response, who = shopper()): Verdict =>
  actionOf(step).judge(response, who, step);

const time = '2026-01-02T03:04:05.678Z';
const account = {
  id: 17,
  email: 'user17@example.com',
  name: 'Ada',
  role: 'customer',
  status: 'active',
  createdAt: time,
  updatedAt: time,
};
const order = {
  id: 5,
  userId: 17,
  state: 'pending',
  totalCents: 100,
  lines: [{ productId: 1, quantity: 1, unitPriceCents: 100 }],
};

test('an answer as it should be is ok', () => {
  expect(judge({ do: 'read-account' }, json(200, account))).toEqual({ kind: 'ok' });
});

test.each<[string, Step, Response, RegExp]>([
  [
    'an error',
    { do: 'read-account' },
    json(502, { code: 'upstream-unreachable', status: 502 }),
    /502 upstream-unreachable instead of 200/,
  ],
  ['a missing field', { do: 'read-account' }, json(200, { ...account, name: undefined }), /name is wrong/],
  [
    'a time without milliseconds',
    { do: 'read-account' },
    json(200, { ...account, createdAt: '2026-01-02T03:04:05Z' }),
    /createdAt is wrong/,
  ],
  ["somebody else's account", { do: 'read-account' }, json(200, { ...account, id: 18 }), /not the own one/],
  [
    'no JSON',
    { do: 'read-account' },
    { status: 200, contentType: 'text/html', body: '<html>' },
    /body is wrong/,
  ],
  [
    'an open door',
    { do: 'read-other-account', id: 18 },
    json(200, account),
    /200 instead of 403 not-allowed/,
  ],
  [
    'a token that outlives its session',
    { do: 'introspect', active: false },
    json(200, { active: true, userId: 17, role: 'customer', exp: 1 }),
    /still active/,
  ],
  [
    'a payment that went through though it was declined',
    { do: 'pay-order', token: 'tok_declined' },
    json(200, order),
    /instead of 402 payment-declined/,
  ],
])('%s is a failure', (_name, step, response, why) => {
  expect(judge(step, response)).toEqual({ kind: 'failed', why: expect.stringMatching(why) });
});

test.each<[Step, Response, boolean]>([
  [{ do: 'pay-order', token: 'tok_declined' }, json(402, { code: 'payment-declined', status: 402 }), false],
  [{ do: 'log-in-suspended' }, json(403, { code: 'account-suspended', status: 403 }), false],
  [{ do: 'place-order', lines: [] }, json(409, { code: 'not-enough-stock', status: 409 }), true],
])('%j may be refused', (step, response, leave) => {
  expect(judge(step, response)).toMatchObject({ kind: 'refused', leave });
});

test('own writes must be there in every later answer', () => {
  const who = shopper();
  judge({ do: 'rename', name: 'Grace' }, json(200, { ...account, name: 'Grace' }), who);
  expect(judge({ do: 'read-account' }, json(200, account), who)).toMatchObject({
    why: 'the own new name is not there',
  });

  const saved = { key: 'theme', value: 'dark', updatedAt: time };
  judge({ do: 'write-preference', key: 'theme', value: 'dark' }, json(200, saved), who);
  expect(judge({ do: 'read-preferences' }, json(200, { items: { theme: 'light' } }), who)).toMatchObject({
    why: 'the own change of preference theme is not there',
  });
  judge({ do: 'delete-preference', key: 'theme' }, json(204), who);
  expect(judge({ do: 'read-preferences' }, json(200, { items: { theme: 'dark' } }), who)).toMatchObject({
    kind: 'failed',
  });

  const empty = {
    displayName: null,
    bio: null,
    phone: null,
    birthDate: null,
    city: null,
    country: null,
    locale: null,
    timeZone: null,
  };
  const profile = { ...empty, city: '大阪' };
  judge({ do: 'write-profile', profile }, json(200, { ...profile, updatedAt: time }), who);
  expect(judge({ do: 'read-profile' }, json(200, { ...empty, updatedAt: time }), who)).toMatchObject({
    why: 'the own new city is not there',
  });
  expect(
    judge({ do: 'read-profile' }, json(404, { code: 'profile-not-found', status: 404 }), who),
  ).toMatchObject({
    kind: 'failed',
  });
});

test('an order must stay what it has become', () => {
  const who = shopper();
  judge({ do: 'place-order', lines: [{ productId: 1, quantity: 1 }] }, json(201, order), who);
  judge({ do: 'pay-order', token: 'tok_ok' }, json(200, { ...order, state: 'paid' }), who);
  expect(judge({ do: 'read-order' }, json(200, order), who)).toMatchObject({
    why: 'the order is pending, though it was paid before',
  });
});
