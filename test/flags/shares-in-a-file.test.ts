import { expect, test } from '@jest/globals';
import { sharesIn } from '#flags/share.ts';
import { readsData } from './flag-files.ts';

const shareOf = (flag: unknown): unknown =>
  sharesIn(JSON.stringify({ flags: { reads: flag } }), ['reads'])?.get('reads');

test.each([
  ['a rollout', readsData(12.5), 12.5],
  ['one variation', readsData(0, { fallthrough: { variation: 0 } }), 100],
  ['a flag that is off', readsData(40, { on: false, offVariation: 1 }), 0],
  ['a flag that is off and has no off variation', readsData(40, { on: false, offVariation: null }), 0],
  [
    'a rollout with true last',
    readsData(0, {
      variations: [false, true],
      fallthrough: {
        rollout: {
          contextKind: 'routing-key',
          variations: [
            { variation: 0, weight: 25_000 },
            { variation: 1, weight: 75_000 },
          ],
        },
      },
    }),
    75,
  ],
])('%s: %#', (_name, flag, percent) => {
  expect(shareOf(flag)).toEqual({ percent, exceptions: false });
});

test('targets and rules are exceptions while the flag is on', () => {
  const rules = [
    {
      clauses: [{ contextKind: 'routing-key', attribute: 'key', op: 'in', values: ['7'] }],
      variation: 0,
    },
  ];
  expect(shareOf(readsData(5, { rules }))).toEqual({ percent: 5, exceptions: true });
  expect(shareOf(readsData(5, { rules, on: false }))).toEqual({ percent: 0, exceptions: false });
});

test('the shorthand is a share of all or nothing', () => {
  const shares = sharesIn(JSON.stringify({ flagValues: { a: true, b: false, c: 'shadow' } }), [
    'a',
    'b',
    'c',
  ]);
  expect(Object.fromEntries(shares ?? [])).toEqual({
    a: { percent: 100, exceptions: false },
    b: { percent: 0, exceptions: false },
  });
});

test('a flag that is not there, or is no read flag, has no share; a malformed file has none at all', () => {
  expect(shareOf(readsData(5, { variations: ['on', 'off'] }))).toBeUndefined();
  expect(sharesIn('{}', ['toString'])?.size).toBe(0);
  expect(sharesIn('{', ['reads'])).toBeUndefined();
});
