import { expect, test } from '@jest/globals';
import { analysisOf, at, json, pairOf } from './pairs.ts';

const words = (index: number): string =>
  `n${Array.from(String(index))
    .map((digit) => 'abcdefghij'[Number(digit)])
    .join('')}`;

test('paths without end fall into one group that is told', () => {
  const analysis = analysisOf([], { bounds: { maxGroups: 20, maxGroupsPerPair: 10 } });
  for (let index = 0; index < 500; index += 1) {
    analysis.take(pairOf(json({ [words(index)]: 1 }), json({ [words(index)]: 2 })));
  }
  const { findings } = analysis.flush(at);
  expect(findings).toHaveLength(21);
  expect(findings.at(-1)).toMatchObject({ path: 'other paths', pairs: 480 });
  expect(findings.every(({ samples }) => samples.length <= 3)).toBe(true);
});

test('a pair with paths without end says so', () => {
  const analysis = analysisOf([], { bounds: { maxGroupsPerPair: 10 } });
  const body = (value: number) =>
    json(Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [words(index), value])));
  analysis.take(pairOf(body(1), body(2)));
  const { findings } = analysis.flush(at);
  expect(findings).toHaveLength(11);
  expect(findings.at(-1)).toMatchObject({ path: 'other paths', pairs: 1 });
});

test('samples are few and short, whatever the values are', () => {
  const analysis = analysisOf();
  for (let index = 0; index < 50; index += 1) {
    analysis.take(pairOf(json({ a: 'x '.repeat(100_000) }), json({ a: [index, 'y '.repeat(100_000)] })));
  }
  const [finding] = analysis.flush(at).findings;
  expect(finding?.samples).toHaveLength(3);
  expect(JSON.stringify(finding).length).toBeLessThan(10_000);
});

test('routes without end share one count', () => {
  const analysis = analysisOf([], { bounds: { maxRoutes: 5 } });
  for (let index = 0; index < 50; index += 1) {
    analysis.take(pairOf(json(1), json(1), { route: `r${index}` }));
  }
  expect(analysis.flush(at).routes).toHaveLength(6);
});

test('a comparison that would take too long is given up', () => {
  const analysis = analysisOf([{ path: '$', unordered: true }], { bounds: { maxSteps: 1_000 } });
  const list = (first: number) => json(Array.from({ length: 5_000 }, (_, index) => first + index));
  expect(analysis.take(pairOf(list(0), list(0)))).toBe('same');
  expect(analysis.take(pairOf(list(0), list(1)))).toBe('undecodable');
});
