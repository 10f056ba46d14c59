import { expect, test } from '@jest/globals';
import { assert, double, option, property, string } from 'fast-check';
import { hashOf, isSampled } from '#proxy/shadow/copy/sampling.ts';

const percent = double({ min: 0, max: 100, noNaN: true });

test('a key that is copied stays copied while the share rises, and draws the same each time', () => {
  assert(
    property(string(), string(), percent, percent, (route, key, a, b) => {
      const [low, high] = [Math.min(a, b), Math.max(a, b)];
      const sampled = isSampled({ route, key }, low);
      expect(isSampled({ route, key }, low)).toBe(sampled);
      if (sampled) expect(isSampled({ route, key }, high)).toBe(true);
    }),
  );
});

test('0 takes none and 100 takes all, with or without a key', () => {
  assert(
    property(string(), option(string(), { nil: undefined }), (route, key) => {
      expect(isSampled({ route, key }, 0)).toBe(false);
      expect(isSampled({ route, key }, 100)).toBe(true);
    }),
  );
});

test('the set of keys is as large as the share, and another on each route', () => {
  const keys = Array.from({ length: 20_000 }, (_none, index) => String(index));
  const taken = (route: string): Set<string> => new Set(keys.filter((key) => isSampled({ route, key }, 10)));
  const [a, b] = [taken('a'), taken('b')];
  for (const set of [a, b]) expect(Math.abs(set.size / keys.length - 0.1)).toBeLessThan(0.01);
  expect([...a].filter((key) => b.has(key)).length / a.size).toBeLessThan(0.2);
});

test('without a key each request draws by itself', () => {
  const drawn = [0.05, 0.5].map((value) => isSampled({ route: 'a', key: undefined }, 10, () => value));
  expect(drawn).toEqual([true, false]);
});

test('places are spread evenly and the same on every machine', () => {
  expect([hashOf(''), hashOf('a'), hashOf('items\u00001')]).toEqual([
    2_872_998_923, 444_641_715, 4_042_260_443,
  ]);
});
