import { bucketCount, bucketOf, type SparseHistogram } from './latency-histogram.ts';

export interface LatencyWindow {
  /** @param ms duration in milliseconds */
  record(ms: number): void;
  /** The last ten seconds. */
  histogram(): SparseHistogram;
}

const slices = 10;
const sliceMs = 1_000;

/**
 * Latencies of the last ten seconds, one histogram a second: memory is fixed whatever the traffic.
 * @param now milliseconds on a clock that only rises
 */
export function latencyWindow(now: () => number = () => performance.now()): LatencyWindow {
  const ring = Array.from({ length: slices }, () => ({ second: -1, counts: new Uint32Array(bucketCount) }));
  const secondOf = (): number => Math.floor(now() / sliceMs);
  return {
    record(ms) {
      const second = secondOf();
      const slice = ring[second % slices];
      if (slice === undefined) return;
      if (slice.second !== second) {
        slice.counts.fill(0);
        slice.second = second;
      }
      const bucket = bucketOf(ms);
      slice.counts[bucket] = (slice.counts[bucket] ?? 0) + 1;
    },
    histogram() {
      const oldest = secondOf() - slices + 1;
      const live = ring.filter((slice) => slice.second >= oldest).map((slice) => slice.counts);
      const sparse: [number, number][] = [];
      for (let bucket = 0; bucket < bucketCount; bucket += 1) {
        const count = live.reduce((sum, counts) => sum + (counts[bucket] ?? 0), 0);
        if (count > 0) sparse.push([bucket, count]);
      }
      return sparse;
    },
  };
}
