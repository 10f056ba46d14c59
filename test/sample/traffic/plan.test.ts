import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { adminIds, populationAt, seededStatus } from '#sample/seed/population.ts';
import { planSession, type SessionPlan } from '#sample/traffic/plan.ts';

const population = populationAt(0.0005);
const plans = (seed: number, count: number): SessionPlan[] =>
  Array.from({ length: count }, (_, number) => planSession(seed, number, population));

test('the same seed plans the same sessions, one by one and in any order', () => {
  const all = plans(1, 200);
  expect(plans(1, 200)).toEqual(all);
  expect(planSession(1, 137, population)).toEqual(all[137]);
  expect(plans(2, 200)).not.toEqual(all);
});

// A change of the generator or of the plans changes every run that somebody has compared: let it be on purpose.
test('a session is what it has always been', () => {
  const { kind, userId, steps } = planSession(1, 0, population);
  expect({ kind, userId, steps: steps.map((step) => step.do) }).toMatchInlineSnapshot(`
{
  "kind": "buy",
  "steps": [
    "log-in",
    "read-account",
    "list-products",
    "read-product",
    "place-order",
    "read-profile",
    "pay-order",
    "read-order",
    "list-orders",
    "read-preferences",
  ],
  "userId": 966,
}
`);
});

test('every plan fits the seeded shop', () => {
  fc.assert(
    fc.property(
      fc.nat(),
      fc.nat(1_000_000),
      fc.double({ min: 1e-6, max: 1, noNaN: true }),
      (seed, number, scale) => {
        const shop = populationAt(scale);
        const { kind, userId, steps, thinkMs } = planSession(seed, number, shop);
        expect(thinkMs).toHaveLength(steps.length);
        if (userId === undefined) expect(steps[0]?.do).toBe('sign-up');
        else {
          expect(userId).toBeGreaterThan(0);
          expect(userId).toBeLessThanOrEqual(shop.users);
          expect(seededStatus(userId)).toBe(kind === 'suspended' ? 'suspended' : 'active');
          expect(adminIds.some((id) => id === userId)).toBe(kind === 'admin');
        }
        for (const step of steps) {
          if (step.do === 'place-order') {
            expect(new Set(step.lines.map((line) => line.productId)).size).toBe(step.lines.length);
            for (const line of step.lines) expect(line.productId).toBeLessThanOrEqual(shop.products);
          }
        }
      },
    ),
  );
});

test('all kinds of visits come, the dear ones rarely', () => {
  const counts = Map.groupBy(plans(3, 4_000), ({ kind }) => kind);
  const part = (kind: SessionPlan['kind']): number => (counts.get(kind)?.length ?? 0) / 4_000;
  expect(counts.size).toBe(8);
  expect(part('browse')).toBeGreaterThan(part('buy'));
  expect(part('sign-up')).toBeGreaterThan(0);
  expect(part('sign-up')).toBeLessThan(0.025);
});
