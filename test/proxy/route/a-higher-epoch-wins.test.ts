import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { createOwnerFacts } from '#proxy/route/owner-facts.ts';
import type { OwnerFact } from '#proxy/route/ownership.types.ts';

const place = { migration: 'items', group: 'items', bucket: 0 } as const;
const fact = (epoch: number, owner: OwnerFact['owner']): OwnerFact => ({
  ...place,
  owner,
  from: owner === undefined ? 'monolith' : undefined,
  epoch,
});

/** What the databases can say of one history: one owner an epoch, and before it, perhaps, nobody. */
const histories = fc
  .array(fc.constantFrom('monolith' as const, 'service' as const), { minLength: 1, maxLength: 20 })
  .map((owners) => owners.flatMap((owner, at) => [fact(at + 1, undefined), fact(at + 1, owner)]));

test('whatever the sequence in which facts come, and how often, the latest is what is known', () => {
  const told = histories.chain((history) =>
    fc.tuple(fc.constant(history), fc.array(fc.constantFrom(...history), { minLength: 1, maxLength: 60 })),
  );
  fc.assert(
    fc.property(told, ([history, told]) => {
      const facts = createOwnerFacts();
      for (const one of told) facts.learn(one);
      const latest = Math.max(...told.map((one) => history.indexOf(one)));
      expect(facts.of(place)).toMatchObject({
        owner: history[latest]?.owner,
        epoch: history[latest]?.epoch,
      });
    }),
  );
});

test('a group of 256 has one owner only where all of its buckets have the same', () => {
  const facts = createOwnerFacts();
  facts.shape({ migration: 'items', group: 'items', buckets: 256 });
  for (let bucket = 0; bucket < 255; bucket += 1) facts.learn({ ...fact(1, 'monolith'), bucket });
  expect(facts.ofWhole('items', 'items')).toBeUndefined();
  facts.learn({ ...fact(1, 'monolith'), bucket: 255 });
  expect(facts.ofWhole('items', 'items')?.owner).toBe('monolith');
  facts.learn({ ...fact(2, 'service'), bucket: 17 });
  expect(facts.ofWhole('items', 'items')).toBeUndefined();
  expect(facts.summary('items')).toEqual({
    items: { epoch: 2, owned: { monolith: 255, service: 1, moving: 0 } },
  });
});

test('a guess holds until its side refuses, or somebody knows', () => {
  const facts = createOwnerFacts();
  expect(facts.guess(place, 'service')).toBe(false);
  facts.learn(fact(2, undefined));
  expect(facts.guess(place, 'service')).toBe(true);
  expect(facts.of(place)).toMatchObject({ owner: 'service', guessed: true });
  facts.unguess(place, 'monolith');
  expect(facts.of(place)?.owner).toBe('service');
  facts.unguess(place, 'service');
  expect(facts.of(place)).toMatchObject({ owner: undefined, from: 'monolith', epoch: 2 });
  facts.guess(place, 'service');
  facts.learn(fact(2, 'service'));
  expect(facts.of(place)).toMatchObject({ owner: 'service', guessed: false });
});

test('names that an upstream makes up do not fill the memory', () => {
  const facts = createOwnerFacts();
  for (let at = 0; at < 1_000; at += 1) facts.learn({ ...fact(1, 'service'), group: `g${at}` });
  expect(Object.keys(facts.summary('items'))).toHaveLength(64);
});
