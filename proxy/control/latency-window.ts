import { bucketCount, bucketOf, type SparseHistogram } from '#shared/telemetry/latency-histogram.ts';

export interface LatencyWindow {
  /** @param ms duration in milliseconds */
  record(ms: number): void;
  /** The last ten seconds. */
  histogram(): SparseHistogram;
}

const slices = 5;
const sliceMs = 2_000;

/**
 * Latencies of the last ten seconds, one histogram for each two seconds: 35 KB, whatever the traffic.
 * @param now milliseconds on a clock that only rises
 */
export function latencyWindow(now: () => number = () => performance.now()): LatencyWindow {
  const ring = Array.from({ length: slices }, () => ({ number: -1, counts: new Uint32Array(bucketCount) }));
  const numberOf = (): number => Math.floor(now() / sliceMs);
  return {
    record(ms) {
      const number = numberOf();
      const slice = ring[number % slices];
      if (slice === undefined) return;
      if (slice.number !== number) {
        slice.counts.fill(0);
        slice.number = number;
      }
      const bucket = bucketOf(ms);
      slice.counts[bucket] = (slice.counts[bucket] ?? 0) + 1;
    },
    histogram() {
      const oldest = numberOf() - slices + 1;
      const live = ring.filter((slice) => slice.number >= oldest).map((slice) => slice.counts);
      const sparse: [number, number][] = [];
      for (let bucket = 0; bucket < bucketCount; bucket += 1) {
        const count = live.reduce((sum, counts) => sum + (counts[bucket] ?? 0), 0);
        if (count > 0) sparse.push([bucket, count]);
      }
      return sparse;
    },
  };
}
