import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  addHistograms,
  bucketCount,
  bucketOf,
  middleOf,
  summarise,
} from '#shared/telemetry/latency-histogram.ts';
import { latencyWindow } from '#proxy/control/latency-window.ts';

test('a window covers the last ten seconds and forgets what is older', () => {
  let now = 6_000;
  const window = latencyWindow(() => now);
  const summary = (): ReturnType<typeof summarise> => summarise(window.histogram());
  expect(summary()).toEqual({ count: 0, p50: 0, p90: 0, p99: 0, max: 0 });
  for (let ms = 1; ms <= 100; ms += 1) window.record(ms);
  const { count, p50, p99, max } = summary();
  expect(count).toBe(100);
  expect(p50).toBeCloseTo(50, 0);
  expect(p99).toBeCloseTo(99, 0);
  expect(max).toBeCloseTo(100, 0);

  now += 9_000;
  window.record(500);
  expect(summary().count).toBe(101);
  now += 2_000;
  expect(summary().count).toBe(1);
  now += 60_000;
  expect(summary().count).toBe(0);
});

test('every duration falls into a bucket within 1.6 % of it', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 4_000_000, noNaN: true }), (ms) => {
      const bucket = bucketOf(ms);
      expect(bucket).toBeGreaterThanOrEqual(0);
      expect(bucket).toBeLessThan(bucketCount);
      expect(Math.abs(middleOf(bucket) - ms)).toBeLessThanOrEqual(Math.max(0.001, ms * 0.016));
    }),
  );
});

test('what is negative, of days or of no end stays inside', () => {
  expect(bucketOf(-1)).toBe(0);
  expect(bucketOf(1e12)).toBe(bucketCount - 1);
  expect(bucketOf(Infinity)).toBe(bucketCount - 1);
});

test('percentiles of two processes are those of all their requests together', () => {
  const [a, b, both] = [latencyWindow(() => 0), latencyWindow(() => 0), latencyWindow(() => 0)];
  for (let ms = 0; ms < 1_000; ms += 1) {
    (ms % 3 === 0 ? a : b).record(ms);
    both.record(ms);
  }
  expect(summarise(addHistograms(a.histogram(), b.histogram()))).toEqual(summarise(both.histogram()));
});
