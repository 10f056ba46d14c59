import { expect, test } from '@jest/globals';
import type { Pool } from 'pg';
import { rowsFor } from '#proxy/cutover/backfill/copy-dataset.ts';
import { createRate, etaOf } from '#proxy/cutover/backfill/progress.ts';
import { createThrottle } from '#proxy/cutover/backfill/throttle.ts';

const signal = new AbortController().signal;
/** A source that answers so many active sessions, one look after the other. */
const sourceWith = (active: readonly number[]): Pool => {
  const left = [...active];
  return { query: () => Promise.resolve({ rows: [{ active: left.shift() ?? 0 }] }) } as unknown as Pool;
};
const limits = { longestWaitMs: 1, probeMs: 60_000, activeSessions: 3, lagMs: 100 };

test('chunks wait while the applies are behind', async () => {
  const lags = [5_000, 101, 100];
  const seen: unknown[] = [];
  const throttle = createThrottle({
    source: sourceWith([]),
    lagMs: () => {
      seen.push(throttle.brake());
      return lags.shift() ?? 0;
    },
    limits,
  });
  await throttle.admit({ signal });
  expect(seen).toEqual([undefined, 'target-behind', 'target-behind']);
  expect(throttle.brake()).toBeUndefined();
});

test('chunks wait while the source is busy, and while it is slow', async () => {
  const busy = sourceWith([9, 4, 3]);
  const throttle = createThrottle({ source: busy, lagMs: undefined, limits });
  await throttle.admit({ signal });
  expect(await busy.query('')).toEqual({ rows: [{ active: 0 }] });

  const slow = createThrottle({
    source: sourceWith([]),
    lagMs: undefined,
    limits: { ...limits, probeMs: -1 },
  });
  const stop = new AbortController();
  const waiting = slow.admit({ signal: stop.signal });
  stop.abort();
  await expect(waiting).rejects.toThrow();
});

test('a copy that is held back for ever goes on for its least share of the time, and says what holds it', async () => {
  const throttle = createThrottle({
    source: sourceWith([]),
    lagMs: () => 1e9,
    limits: { ...limits, leastShare: 0.5 },
  });
  let held = 0;
  for (let chunk = 0; chunk < 3; chunk += 1)
    await throttle.admit({ signal, lastChunkMs: 4, onHold: () => void (held += 1) });
  expect(held).toBeGreaterThan(0);
  expect(throttle.brake()).toBe('target-behind');
});

test('the rate is that of the last seconds, and the time left follows from it', () => {
  const rate = createRate();
  expect(rate.perSecond()).toBe(0);
  rate.add({ at: 0, rows: 1_000_000 });
  rate.add({ at: 60_000, rows: 1_000_000 });
  rate.add({ at: 65_000, rows: 1_000_500 });
  rate.add({ at: 70_000, rows: 1_001_000 });
  expect(rate.perSecond()).toBe(100);
  expect(etaOf(500, rate.perSecond())).toBe(5_000);
  expect(etaOf(500, 0)).toBeUndefined();
});

test.each([
  [200, 20_000, 20_000],
  [4_096, 20_000, 1_024],
  [100_000_000, 20_000, 100],
])('rows of %i bytes, of at most %i: %i in a chunk', (bytes, most, rows) => {
  expect(rowsFor(bytes, most)).toBe(rows);
});
