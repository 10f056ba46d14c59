import { expect, test } from '@jest/globals';
import { latencyWindow } from '#proxy/control/latency-window.ts';

test('the summary covers the last ten seconds and forgets what is older', () => {
  let now = 5_000;
  const window = latencyWindow(() => now);
  expect(window.summary()).toEqual({ count: 0, p50: 0, p90: 0, p99: 0, max: 0 });
  for (let ms = 1; ms <= 100; ms += 1) window.record(ms);
  const { count, p50, p99, max } = window.summary();
  expect(count).toBe(100);
  expect(p50).toBeCloseTo(50, 0);
  expect(p99).toBeCloseTo(99, 0);
  expect(max).toBeCloseTo(100, 0);

  now += 9_000;
  window.record(500);
  expect(window.summary().count).toBe(101);
  now += 1_000;
  expect(window.summary().count).toBe(1);
  now += 60_000;
  expect(window.summary().count).toBe(0);
});

test('durations of zero and of days stay inside the histogram', () => {
  const window = latencyWindow(() => 0);
  window.record(0);
  window.record(10 * 24 * 3_600_000);
  expect(window.summary().count).toBe(2);
});
