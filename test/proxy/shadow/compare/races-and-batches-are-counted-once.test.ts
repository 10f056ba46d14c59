import { expect, test } from '@jest/globals';
import { analysisOf, at, json, pairOf } from './pairs.ts';

const [old, fresh] = [json({ a: 1 }), json({ a: 2 })];

test('a difference near a write counts at its later look alone', () => {
  const analysis = analysisOf();
  expect(analysis.take(pairOf(old, fresh, { nearWrite: true }))).toBe('different');
  expect(analysis.wantsAgain()).toBe(false);
  expect(analysis.flush(at)).toMatchObject({ routes: [], findings: [] });
  // Written again before its later look.
  expect(analysis.take(pairOf(old, fresh, { nearWrite: true, recheck: true }))).toBe('different');
  expect(analysis.flush(at)).toMatchObject({ routes: [], findings: [] });
  expect(analysis.take(pairOf(fresh, fresh, { nearWrite: true, recheck: true }))).toBe('same');
  expect(analysis.take(pairOf(old, fresh, { recheck: true }))).toBe('different');
  expect(analysis.flush(at)).toMatchObject({
    routes: [{ compared: 2, same: 0, different: 1, raced: 1 }],
    findings: [{ pairs: 1 }],
  });
});

test('a delta holds what came since the last one, and adds up', () => {
  const analysis = analysisOf();
  analysis.take(pairOf(old, old));
  const latency = { primary: [[3, 2]], shadow: [[5, 2]] } as const;
  analysis.countSame({
    migration: 'm',
    route: 'r',
    primarySide: 'monolith',
    pairs: 2,
    noiseSamples: 1,
    latency,
  });
  const first = analysis.flush(at + 1_000);
  expect(first).toMatchObject({
    from: at,
    to: at + 1_000,
    routes: [
      {
        migration: 'm',
        route: 'r',
        primarySide: 'monolith',
        eligible: 0,
        compared: 3,
        same: 3,
        noiseSamples: 1,
      },
    ],
    findings: [],
  });
  expect(first.routes[0]?.latency.shadow.reduce((sum, [, count]) => sum + count, 0)).toBe(3);
  expect(analysis.flush(at + 2_000)).toEqual({ from: at + 1_000, to: at + 2_000, routes: [], findings: [] });
});

test('the primary that differs from itself is counted in the sample alone', () => {
  const analysis = analysisOf();
  analysis.take(pairOf(old, old, { again: fresh, againWhy: 'sampled' }));
  expect(analysis.flush(at)).toMatchObject({ routes: [{ noiseSamples: 1, same: 1 }], findings: [] });
  analysis.take(pairOf(old, fresh, { again: fresh, againWhy: 'differed' }));
  analysis.take(pairOf(old, fresh));
  expect(analysis.flush(at).findings).toMatchObject([
    { pairs: 1, selfDiffered: 1, evidence: { shadowAlone: 0, primaryAlone: 1, allDiffer: 0 } },
  ]);
});
