import {
  bucketOf,
  summarise,
  type LatencySummary,
  type SparseHistogram,
} from '#shared/telemetry/latency-histogram.ts';
import type { Carried } from './transport.types.ts';
import type { Page } from './change.types.ts';

/** How one group comes along. All lags are upper bounds: a change is counted from the last look that did not see it. */
export interface Meter {
  /** The target has everything that was visible before this time. Milliseconds since 1970. */
  currentUpTo(at: number): void;
  carried(page: Page, carried: Carried): void;
  /** As the target's books say. */
  parkedNow(count: number): void;
  /** As the target's books say: whether a backfill into it is open. */
  copyingNow(is: boolean): void;
  /** Something was left to a backfill that may not have brought it yet. */
  readonly hasLeft: boolean;
  /** See `MeterReading`. */
  readonly parked: number;
  reading(): MeterReading;
}

export interface MeterReading {
  /** Milliseconds since the time up to which the target has everything; `undefined` before that is known. */
  readonly lagMs: number | undefined;
  /** From the commit of a change to that of its copy, over the last one to two minutes. */
  readonly lag: LatencySummary;
  readonly applied: number;
  readonly stale: number;
  /** Left to a backfill that was yet to begin. */
  readonly left: number;
  /** Changes that wait now: as of the last look, and what was parked since. */
  readonly parked: number;
  /** Changes a second, over the last one to two minutes. */
  readonly rate: number;
}

const periodMs = 60_000;

interface Period {
  readonly since: number;
  readonly counts: Map<number, number>;
  changes: number;
}

export function createMeter(now: () => number = Date.now): Meter {
  let upTo: number | undefined;
  const totals = { applied: 0, stale: 0, left: 0, parked: 0 };
  // Of a process before this one nothing is known.
  let hasLeft = true;
  const periodFrom = (since: number): Period => ({ since, counts: new Map(), changes: 0 });
  let current = periodFrom(now());
  let last: Period | undefined;
  const turn = (at: number): void => {
    if (at - current.since < periodMs) return;
    last = at - current.since < 2 * periodMs ? current : undefined;
    current = periodFrom(at);
  };
  return {
    currentUpTo(at) {
      upTo = at;
    },
    carried({ changes, youngerThan }, { applied, stale, left, parked }) {
      const at = now();
      turn(at);
      totals.applied += applied;
      totals.stale += stale;
      totals.left += left;
      hasLeft ||= left > 0;
      totals.parked += parked;
      if (changes.length === 0) return;
      const bucket = bucketOf(at - youngerThan);
      current.counts.set(bucket, (current.counts.get(bucket) ?? 0) + changes.length);
      current.changes += changes.length;
    },
    parkedNow(count) {
      totals.parked = count;
    },
    copyingNow(is) {
      hasLeft &&= is;
    },
    get hasLeft() {
      return hasLeft;
    },
    get parked() {
      return totals.parked;
    },
    reading() {
      const at = now();
      turn(at);
      const periods = last === undefined ? [current] : [last, current];
      const counts = new Map<number, number>();
      for (const period of periods)
        for (const [bucket, count] of period.counts) counts.set(bucket, (counts.get(bucket) ?? 0) + count);
      const histogram: SparseHistogram = [...counts].toSorted(([a], [b]) => a - b);
      const seconds = Math.max(1, (at - (periods[0]?.since ?? at)) / 1_000);
      return {
        lagMs: upTo === undefined ? undefined : Math.max(0, at - upTo),
        lag: summarise(histogram),
        ...totals,
        rate: periods.reduce((sum, { changes }) => sum + changes, 0) / seconds,
      };
    },
  };
}
