import { expect, test } from '@jest/globals';
import { assert, integer, nat, property, record, type Arbitrary } from 'fast-check';
import { covers, isVisible, parseSnapshot, type Snapshot } from '#proxy/cutover/stream/snapshot.ts';

const snapshot: Arbitrary<Snapshot> = record({
  xmin: integer({ min: 1, max: 12 }),
  span: nat({ max: 8 }),
  bits: nat({ max: 255 }),
}).map(({ xmin, span, bits }) => ({
  xmin: BigInt(xmin),
  xmax: BigInt(xmin + span),
  running: Array.from({ length: span }, (_none, at) => BigInt(xmin + at)).filter(
    (_xid, at) => ((bits >> at) & 1) === 1,
  ),
}));

test('a snapshot covers another when every transaction that the other sees is seen', () => {
  assert(
    property(snapshot, snapshot, (held, wanted) => {
      const all = Array.from({ length: 25 }, (_none, at) => BigInt(at));
      const expected = all.every((xid) => !isVisible(xid, wanted) || isVisible(xid, held));
      // Where xmax alone differs, a snapshot may be told not to cover what it does: a later one will.
      if (covers(held, wanted)) expect(expected).toBe(true);
      if (expected && wanted.xmax <= held.xmax) expect(covers(held, wanted)).toBe(true);
    }),
  );
});

test('PostgreSQL’s text is read, and nothing else', () => {
  expect(parseSnapshot('10:20:10,14')).toEqual({ xmin: 10n, xmax: 20n, running: [10n, 14n] });
  expect(parseSnapshot('3:3:')).toEqual({ xmin: 3n, xmax: 3n, running: [] });
  for (const text of ['', '1:2', '1:2:3,', "1:1:'", '-1:2:'])
    expect(() => parseSnapshot(text)).toThrow(RangeError);
});
