import { middleOf, summarise, type SparseHistogram } from '#shared/telemetry/latency-histogram.ts';
import type { LatencyReport } from './report.types.ts';

/** First bound in milliseconds; each next one is twice as long. */
const firstBound = 0.125;

export function latencyReport(histogram: SparseHistogram): LatencyReport {
  const counts: number[] = [];
  for (const [bucket, count] of histogram) {
    const at = Math.max(0, Math.ceil(Math.log2(middleOf(bucket) / firstBound)));
    counts[at] = (counts[at] ?? 0) + count;
  }
  const bars = Array.from(counts, (count: number | undefined, at) => ({
    upToMs: firstBound * 2 ** at,
    count: count ?? 0,
  }));
  return { ...summarise(histogram), histogram: bars.slice(bars.findIndex(({ count }) => count > 0)) };
}
