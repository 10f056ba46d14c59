import { bucketCount, bucketOf, type SparseHistogram } from '#shared/telemetry/latency-histogram.ts';
import type { RouteDelta, SkipReason } from '../delta.types.ts';

/** What happened to the copies of one route with one primary side, since the last delta and since the start. */
export interface RouteCounts {
  eligible(): void;
  /** It was none after all. */
  notEligible(): void;
  skip(reason: SkipReason): void;
  shadowFailed(code: string): void;
  /** The pair was the same at first sight: the comparing thread never gets it. */
  same(pair: { readonly primaryMs: number; readonly shadowMs: number; readonly noise: boolean }): void;
  /** Since the start. */
  readonly skipped: Readonly<Partial<Record<SkipReason, number>>>;
  /** What is new since the last call; `undefined` where there is nothing. */
  take(): RouteDelta | undefined;
}

export function createRouteCounts(of: Pick<RouteDelta, 'migration' | 'route' | 'primarySide'>): RouteCounts {
  let fresh = nothing();
  const skipped = empty<SkipReason>();
  const latency = { primary: histogram(), shadow: histogram() };
  let touched = false;
  return {
    skipped,
    eligible() {
      fresh.eligible += 1;
      touched = true;
    },
    notEligible() {
      fresh.eligible -= 1;
      touched = true;
    },
    skip(reason) {
      add(fresh.skipped, reason);
      add(skipped, reason);
      touched = true;
    },
    shadowFailed(code) {
      add(fresh.shadowFailures, code);
      touched = true;
    },
    same({ primaryMs, shadowMs, noise }) {
      fresh.same += 1;
      if (noise) fresh.noiseSamples += 1;
      latency.primary.record(primaryMs);
      latency.shadow.record(shadowMs);
      touched = true;
    },
    take() {
      if (!touched) return undefined;
      touched = false;
      const { eligible, same, noiseSamples } = fresh;
      const delta: RouteDelta = {
        ...of,
        eligible,
        compared: same,
        same,
        different: 0,
        raced: 0,
        noiseSamples,
        skipped: { ...fresh.skipped },
        shadowFailures: { ...fresh.shadowFailures },
        latency: { primary: latency.primary.take(), shadow: latency.shadow.take() },
      };
      fresh = nothing();
      return delta;
    },
  };
}

interface Fresh {
  eligible: number;
  same: number;
  noiseSamples: number;
  readonly skipped: Partial<Record<SkipReason, number>>;
  readonly shadowFailures: Record<string, number>;
}

function nothing(): Fresh {
  return { eligible: 0, same: 0, noiseSamples: 0, skipped: empty(), shadowFailures: empty() };
}

function empty<Key extends string>(): Record<Key, number> {
  return Object.create(null) as Record<Key, number>;
}

function add<Key extends string>(counts: Partial<Record<Key, number>>, key: Key): void {
  counts[key] = (counts[key] ?? 0) + 1;
}

function histogram(): { record(ms: number): void; take(): SparseHistogram } {
  const counts = new Uint32Array(bucketCount);
  const filled: number[] = [];
  return {
    record(ms) {
      const bucket = bucketOf(ms);
      if (counts[bucket] === 0) filled.push(bucket);
      counts[bucket] = (counts[bucket] ?? 0) + 1;
    },
    take() {
      const sparse = filled.toSorted((a, b) => a - b).map((bucket) => [bucket, counts[bucket] ?? 0] as const);
      for (const bucket of filled) counts[bucket] = 0;
      filled.length = 0;
      return sparse;
    },
  };
}
