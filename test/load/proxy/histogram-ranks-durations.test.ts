import { expect, test } from '@jest/globals';
import { createHistogram } from './load/histogram.ts';

test('a percentile is at most 0.8 % above the true one, over the whole range', () => {
  const histogram = createHistogram();
  const values = Array.from({ length: 20_000 }, (_none, index) => Math.floor(1.0008 ** index) % 2 ** 29);
  for (const value of values) histogram.record(value);
  const sorted = values.toSorted((a, b) => a - b);
  expect(histogram.count).toBe(values.length);
  for (const percent of [0.1, 1, 25, 50, 90, 99, 99.9, 100]) {
    const exact = sorted[Math.ceil((percent / 100) * sorted.length) - 1] ?? 0;
    const said = histogram.percentile(percent);
    expect(said).toBeGreaterThanOrEqual(exact);
    expect(said).toBeLessThanOrEqual(exact * 1.008 + 1);
  }
});

test('the smallest and the largest have their place, and a reset forgets all', () => {
  const histogram = createHistogram();
  for (const value of [0, -5, 1e12]) histogram.record(value);
  expect(histogram.percentile(50)).toBe(0);
  expect(histogram.percentile(100)).toBeGreaterThanOrEqual(2 ** 30);
  histogram.reset();
  expect([histogram.count, histogram.percentile(99)]).toEqual([0, 0]);
});
