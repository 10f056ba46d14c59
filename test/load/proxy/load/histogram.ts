/** Counts of durations in buckets of at most 0.8 % width, so a billion of them cost as much memory as ten. */
export interface Histogram {
  /** @param microseconds 0 to 2³⁰; more counts as that */
  record(microseconds: number): void;
  reset(): void;
  readonly count: number;
  /**
   * Upper end of the bucket that the duration at this rank lies in. Microseconds; 0 where nothing was recorded.
   * @param percent 0-100
   */
  percentile(percent: number): number;
}

const subBits = 7;
const subCount = 2 ** subBits;
const largest = 2 ** 30;

/** In plain JavaScript, since a call into C++ for each request would cost the load side more than the counting. */
export function createHistogram(): Histogram {
  const counts = new Uint32Array(indexOf(largest) + 1);
  let count = 0;
  return {
    record(microseconds) {
      const index = indexOf(Math.min(largest, Math.max(0, Math.round(microseconds))));
      counts[index] = (counts[index] ?? 0) + 1;
      count += 1;
    },
    reset() {
      counts.fill(0);
      count = 0;
    },
    get count() {
      return count;
    },
    percentile(percent) {
      const rank = Math.max(1, Math.ceil((percent / 100) * count));
      let seen = 0;
      for (let index = 0; index < counts.length; index += 1) {
        seen += counts[index] ?? 0;
        if (seen >= rank) return upperEnd(index);
      }
      return 0;
    },
  };
}

/** Exact up to twice `subCount`; from there each power of two has `subCount` buckets. */
function indexOf(value: number): number {
  const shift = Math.max(0, 31 - Math.clz32(value) - subBits);
  return shift * subCount + (value >>> shift);
}

function upperEnd(index: number): number {
  const shift = Math.max(0, (index >>> subBits) - 1);
  return (index - shift * subCount + 1) * 2 ** shift - 1;
}
