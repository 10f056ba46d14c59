/**
 * Latencies in buckets that can be added up over processes: whole microseconds below 64, then 64 buckets for each doubling,
 * so a bucket is never wider than 1.6 % of its value. Up to 71 minutes; what is longer counts as that.
 */
export const bucketCount = 27 * 64;

/** The buckets that are not empty: `[index, count]`, by rising index. */
export type SparseHistogram = readonly (readonly [index: number, count: number])[];

export interface LatencySummary {
  readonly count: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

const longest = 0xffff_ffff;

/** @param ms duration in milliseconds; a negative one counts as 0 */
export function bucketOf(ms: number): number {
  const microseconds = Math.min(longest, Math.max(0, Math.round(ms * 1_000)));
  if (microseconds < 64) return microseconds;
  const exponent = 31 - Math.clz32(microseconds);
  return (exponent - 5) * 64 + ((microseconds >>> (exponent - 6)) & 63);
}

/** The middle of a bucket, in milliseconds. */
export function middleOf(bucket: number): number {
  if (bucket < 64) return bucket / 1_000;
  const exponent = Math.floor(bucket / 64) + 5;
  const width = 2 ** (exponent - 6);
  return ((64 + (bucket % 64)) * width + width / 2) / 1_000;
}

/** @returns the sum, by rising index */
export function addHistograms(...histograms: readonly SparseHistogram[]): SparseHistogram {
  const counts = new Map<number, number>();
  for (const [bucket, more] of histograms.flat()) counts.set(bucket, (counts.get(bucket) ?? 0) + more);
  return [...counts].toSorted(([a], [b]) => a - b);
}

export function summarise(histogram: SparseHistogram): LatencySummary {
  const count = histogram.reduce((sum, [, inBucket]) => sum + inBucket, 0);
  const at = (part: number): number => {
    let left = Math.ceil(count * part);
    for (const [bucket, inBucket] of histogram) {
      left -= inBucket;
      if (left <= 0) return middleOf(bucket);
    }
    return 0;
  };
  return { count, p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) };
}
