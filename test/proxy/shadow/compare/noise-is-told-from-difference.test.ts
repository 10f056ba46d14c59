import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { judge } from '#proxy/shadow/compare/judge.ts';
import { verdictOf } from '#proxy/shadow/compare/verdict.ts';
import { coinRates } from '#test/load/shadow/coin-rates.ts';
import { compareRun } from '#test/load/shadow/compare-run.ts';
import { clean, plantedAt } from '#test/load/shadow/noisy-traffic.ts';
import { analysisOf, at, json, pairOf } from './pairs.ts';

// Seeded and short; `npm run bench:shadow-noise` is the long form, whose rates the documentation states.

const foundIn = (run: ReturnType<typeof compareRun>): string[] =>
  [...run.verdicts].filter(([, { foundAfter }]) => foundAfter !== undefined).map(([path]) => path);

test('noise alone, of seven kinds, is never called a difference', () => {
  const run = compareRun({ seed: 3, pairs: 15_000, planted: clean, lookEvery: 500 });
  expect(foundIn(run)).toEqual([]);
  for (const path of [
    'header x-request-id value',
    'body $.trace value',
    'body $.tags order',
    'body $.hint extra',
  ]) {
    expect(run.verdicts.get(path)?.verdict).toBe('noise');
  }
});

test('clocks that are read as any value, and run apart, are noise as well', () => {
  const run = compareRun({ seed: 4, pairs: 2_000, planted: clean, lookEvery: 500, clockMs: 0 });
  expect(foundIn(run)).toEqual([]);
  expect(run.verdicts.get('body $.generatedAt value')?.verdict).toBe('noise');
});

test('one planted difference in a thousand is found, and nothing else', () => {
  const planted = { ...clean, value: 0.001, missing: 0.001, header: 0.001 };
  const run = compareRun({ seed: 6, pairs: 40_000, planted, lookEvery: 1_000 });
  expect(foundIn(run).toSorted()).toEqual([plantedAt.value, plantedAt.missing, plantedAt.header].toSorted());
});

test('no more false alarms than promised, looking all the time', () => {
  const { found } = coinRates({ seed: 8, paths: 500, answers: 200, real: 0, alpha: 0.2 });
  expect(found).toBeGreaterThan(0);
  expect(found).toBeLessThanOrEqual(0.1);
});

test('the answer to each count is one of three, and more evidence for the shadow never makes it noise', () => {
  fc.assert(
    fc.property(
      fc.nat(400),
      fc.nat(400),
      fc.nat(400),
      fc.integer({ min: 1, max: 400 }),
      (shadowAlone, primaryAlone, allDiffer, rank) => {
        const evidence = { shadowAlone, primaryAlone, allDiffer };
        const verdict = verdictOf(evidence, { rank });
        const more = verdictOf({ ...evidence, shadowAlone: shadowAlone + 1 }, { rank });
        if (verdict === 'difference') expect(shadowAlone).toBeGreaterThan(primaryAlone);
        if (more === 'noise') expect(verdict).toBe('noise');
      },
    ),
    { numRuns: 1_000 },
  );
});

test('missing and extra are judged together: a field that is seldom there would look like a difference in the one', () => {
  const finding = { place: 'body', path: '$.a', firstSeen: 1 } as const;
  const missing = {
    ...finding,
    kind: 'missing',
    evidence: { shadowAlone: 40, primaryAlone: 0, allDiffer: 0 },
  } as const;
  const extra = {
    ...finding,
    kind: 'extra',
    evidence: { shadowAlone: 0, primaryAlone: 40, allDiffer: 0 },
  } as const;
  expect(judge([missing]).map(({ verdict }) => verdict)).toEqual(['difference']);
  expect(judge([missing, extra]).map(({ verdict }) => verdict)).toEqual(['noise', 'noise']);
});

test('the later a path comes, the more evidence it needs', () => {
  const evidence = { shadowAlone: 17, primaryAlone: 0, allDiffer: 0 };
  expect(verdictOf(evidence, { rank: 1 })).toBe('difference');
  expect(verdictOf(evidence, { rank: 100 })).toBe('undecided');
});

test('asks for what is undecided, and no more once it is a difference', () => {
  const analysis = analysisOf();
  const pair = pairOf(json({ a: 1 }), json({ a: 2 }));
  let asked = 0;
  for (let index = 0; index < 100; index += 1) {
    analysis.take(pair);
    if (!analysis.wantsAgain()) continue;
    asked += 1;
    expect(analysis.take({ ...pair, again: pair.primary, againWhy: 'differed' })).toBe('different');
  }
  expect(asked).toBe(17);
  expect(analysis.flush(at)).toMatchObject({
    routes: [{ compared: 100, different: 100, noiseSamples: 0 }],
    findings: [{ pairs: 100, evidence: { shadowAlone: 17, primaryAlone: 0, allDiffer: 0 } }],
  });
});
