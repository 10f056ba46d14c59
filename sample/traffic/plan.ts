import { adminIds, everyNth, seededStatus, type Population } from '#sample/seed/population.ts';
import { createRandom, type Random } from './random.ts';
import type { OrderLine, Step } from './steps.ts';
import { fullName, preference, profileText } from './words.ts';

export type SessionKind = keyof typeof kinds;

export interface SessionPlan {
  readonly number: number;
  readonly kind: SessionKind;
  /** The seeded account that it uses; `undefined` where it signs up a new one. */
  readonly userId: number | undefined;
  readonly steps: readonly Step[];
  /** Milliseconds of thinking before each step, 100-900; as many as steps. */
  readonly thinkMs: readonly number[];
}

/** How often each kind of visit comes. Signing up hashes a password at full cost (0.1-0.2 s of CPU), so it is rare. */
const weights = {
  browse: 38,
  buy: 26,
  settings: 20,
  returning: 9,
  admin: 4,
  'sign-up': 1,
  mistyped: 1,
  suspended: 1,
} as const;

/** A session depends on the seed and its number alone: the same seed makes the same visits, whatever the answers. */
export function planSession(seed: number, number: number, population: Population): SessionPlan {
  const random = createRandom(seed, number);
  const kind = random.weighted<SessionKind>(weights);
  const { userId, steps } = kinds[kind](random, population);
  return { number, kind, userId, steps, thinkMs: steps.map(() => random.whole(100, 900)) };
}

interface Visit {
  readonly userId: number | undefined;
  readonly steps: readonly Step[];
}

const kinds = {
  browse: (random: Random, population: Population): Visit => ({
    userId: shopper(random, population),
    steps: [
      { do: 'log-in' },
      { do: 'read-account' },
      { do: 'read-profile' },
      { do: 'read-preferences' },
      ...browsing(random, population),
      ...sometimes(random, 0.3, { do: 'list-orders' }),
      ...sometimes(random, 0.1, { do: 'read-other-account', id: shopper(random, population) }),
      ...sometimes(random, 0.5, { do: 'log-out' }),
    ],
  }),
  buy: (random: Random, population: Population): Visit => ({
    userId: shopper(random, population),
    steps: [
      { do: 'log-in' },
      { do: 'read-account' },
      ...browsing(random, population),
      { do: 'place-order', lines: basket(random, population) },
      { do: 'read-profile' },
      ...sometimes(random, 0.12, { do: 'pay-order', token: 'tok_declined' }),
      ...paying(random),
      { do: 'read-order' },
      { do: 'list-orders' },
      { do: 'read-preferences' },
    ],
  }),
  settings: (random: Random, population: Population): Visit => {
    const { key, value } = preference(random);
    const name = fullName(random);
    return {
      userId: shopper(random, population),
      steps: [
        { do: 'log-in' },
        { do: 'read-profile' },
        { do: 'write-profile', profile: profileText(random) },
        { do: 'read-profile' },
        { do: 'write-preference', key, value },
        { do: 'read-preferences' },
        { do: 'write-preference', ...preference(random) },
        ...sometimes(random, 0.3, { do: 'delete-preference', key }),
        { do: 'read-preferences' },
        ...sometimes(random, 0.5, { do: 'rename', name }),
        { do: 'read-account' },
        { do: 'log-out' },
      ],
    };
  },
  returning: (random: Random, population: Population): Visit => ({
    userId: shopper(random, population),
    steps: [
      { do: 'log-in' },
      { do: 'refresh' },
      { do: 'read-account' },
      ...browsing(random, population),
      { do: 'refresh' },
      { do: 'introspect', active: true },
      { do: 'read-preferences' },
      { do: 'log-out' },
      { do: 'introspect', active: false },
      { do: 'read-account-signed-out' },
    ],
  }),
  admin: (random: Random, population: Population): Visit => ({
    userId: random.pick([...adminIds]),
    steps: [
      { do: 'log-in' },
      { do: 'list-users' },
      { do: 'read-any-account', id: shopper(random, population) },
      { do: 'list-users' },
      { do: 'report', report: 'revenue' },
      { do: 'report', report: 'top-products' },
      { do: 'report', report: 'orders-by-customer' },
      { do: 'report', report: 'revenue.csv' },
      { do: 'restock', id: random.whole(1, population.products), delta: random.whole(50, 500) },
      { do: 'list-orders' },
      { do: 'log-out' },
    ],
  }),
  'sign-up': (random: Random): Visit => ({
    userId: undefined,
    steps: [
      { do: 'sign-up', name: fullName(random) },
      { do: 'log-in' },
      { do: 'read-account' },
      { do: 'read-profile' },
      { do: 'write-profile', profile: profileText(random) },
      { do: 'read-profile' },
      { do: 'write-preference', ...preference(random) },
      { do: 'read-preferences' },
      ...(random.chance(0.4)
        ? ([{ do: 'close-account' }, { do: 'read-account-signed-out' }] as const)
        : ([{ do: 'log-out' }] as const)),
    ],
  }),
  mistyped: (random: Random, population: Population): Visit => ({
    userId: shopper(random, population),
    steps: [{ do: 'log-in-mistyped' }, { do: 'log-in' }, { do: 'read-account' }, { do: 'read-preferences' }],
  }),
  suspended: (random: Random, population: Population): Visit => ({
    userId: suspended(random, population),
    steps: [{ do: 'log-in-suspended' }],
  }),
} as const;

/** A seeded account that can log in and is not an admin's. */
function shopper(random: Random, { users }: Population): number {
  for (;;) {
    const id = random.whole(adminIds.length + 1, users);
    if (seededStatus(id) === 'active') return id;
  }
}

function suspended(random: Random, { users }: Population): number {
  for (;;) {
    const id = everyNth.suspended * random.whole(1, Math.floor(users / everyNth.suspended));
    if (seededStatus(id) === 'suspended') return id;
  }
}

function browsing(random: Random, { products }: Population): Step[] {
  const looks = random.whole(1, 3);
  return [
    { do: 'list-products' },
    ...Array.from({ length: looks }, (): Step => ({ do: 'read-product', id: random.whole(1, products) })),
  ];
}

function basket(random: Random, { products }: Population): OrderLine[] {
  const chosen = new Set(Array.from({ length: random.whole(1, 4) }, () => random.whole(1, products)));
  return [...chosen].map((productId) => ({ productId, quantity: random.whole(1, 3) }));
}

/** Most pay; some change their mind; a few click twice, which the provider must count once. */
function paying(random: Random): Step[] {
  if (random.chance(0.08)) return [{ do: 'cancel-order' }];
  return [{ do: 'pay-order', token: random.chance(0.03) ? 'tok_duplicate' : 'tok_ok' }];
}

function sometimes(random: Random, probability: number, step: Step): Step[] {
  return random.chance(probability) ? [step] : [];
}
