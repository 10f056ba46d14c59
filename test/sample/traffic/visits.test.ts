import { expect, test } from '@jest/globals';
import { adminIds } from '#sample/seed/population.ts';
import { createVisits, type Visit } from '#sample/traffic/visits.ts';

const options = { seed: 1, runId: 'r', introspectionKey: 'k'.repeat(16) };

test('a visit goes on after its time to think, the one that has waited longest first', () => {
  const visits = createVisits({ ...options, population: { users: 6_000, products: 100, orders: 1 } });
  const first = visits.take(0)?.visit;
  const second = visits.take(0)?.visit;
  if (first === undefined || second === undefined) throw new Error('nobody came');
  visits.giveBack(first, { now: 5_000, goesOn: true });
  visits.giveBack(second, { now: 1_000, goesOn: true });
  expect(visits.take(1_050)?.visit.plan.number).toBe(2);
  expect(visits.take(9_000)).toMatchObject({ visit: second, step: second.plan.steps[1] });
  expect(visits.take(9_000)?.visit).toBe(first);
});

test('no two visits use one customer at the same time, even in the smallest shop', () => {
  const visits = createVisits({ ...options, population: { users: 60, products: 20, orders: 1 } });
  const taken: Visit[] = [];
  for (let one = visits.take(0); one !== undefined && taken.length < 300; one = visits.take(0))
    taken.push(one.visit);
  const customers = taken.flatMap(({ plan }) =>
    plan.userId === undefined || adminIds.some((id) => id === plan.userId) ? [] : [plan.userId],
  );
  expect(customers.length).toBeGreaterThan(30);
  expect(new Set(customers).size).toBe(customers.length);
});

test('a visit that ends gives its customer back', () => {
  const visits = createVisits({ ...options, population: { users: 60, products: 20, orders: 1 } });
  for (let at = 0; at < 2_000; at += 1) {
    const taken = visits.take(at);
    expect(taken).toBeDefined();
    if (taken !== undefined) visits.giveBack(taken.visit, { now: at, goesOn: false });
  }
  expect(visits.active).toBe(0);
});
