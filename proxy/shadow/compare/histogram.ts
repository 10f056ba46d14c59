import { bucketOf, type SparseHistogram } from '#shared/telemetry/latency-histogram.ts';

/** A histogram that is being filled; at most as many entries as there are buckets. */
export interface FillingHistogram {
  add(ms: number): void;
  addAll(histogram: SparseHistogram): void;
  /** What came since the last call, by rising bucket. */
  take(): SparseHistogram;
}

export function fillingHistogram(): FillingHistogram {
  let counts = new Map<number, number>();
  const count = (bucket: number, more: number): void => {
    counts.set(bucket, (counts.get(bucket) ?? 0) + more);
  };
  return {
    add: (ms) => count(bucketOf(ms), 1),
    addAll(histogram) {
      for (const [bucket, more] of histogram) count(bucket, more);
    },
    take() {
      const taken = [...counts].toSorted(([a], [b]) => a - b);
      counts = new Map();
      return taken;
    },
  };
}
