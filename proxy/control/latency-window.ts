import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';

export interface LatencySummary {
  readonly count: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

export interface LatencyWindow {
  /** @param ms duration, 0 to one hour */
  record(ms: number): void;
  summary(): LatencySummary;
}

const slices = 10;
const sliceMs = 1_000;
const microsecondsInHour = 3_600_000_000;

/**
 * Latencies of the last ten seconds: one HDR histogram a second (3 digits, 1 µs to 1 h), so memory is fixed whatever
 * the traffic.
 * @param now milliseconds on a clock that only rises
 */
export function latencyWindow(now: () => number = () => performance.now()): LatencyWindow {
  const ring = Array.from({ length: slices }, () => ({ second: -1, histogram: freshHistogram() }));
  const secondOf = (): number => Math.floor(now() / sliceMs);
  return {
    record(ms) {
      const second = secondOf();
      const slice = ring[second % slices];
      if (slice === undefined) return;
      if (slice.second !== second) {
        slice.histogram.reset();
        slice.second = second;
      }
      slice.histogram.record(Math.min(microsecondsInHour, Math.max(1, Math.round(ms * 1_000))));
    },
    summary() {
      const oldest = secondOf() - slices + 1;
      const sum = freshHistogram();
      for (const slice of ring)
        if (slice.second >= oldest && slice.histogram.count > 0) sum.add(slice.histogram);
      if (sum.count === 0) return { count: 0, p50: 0, p90: 0, p99: 0, max: 0 };
      const at = (percent: number): number => sum.percentile(percent) / 1_000;
      return { count: sum.count, p50: at(50), p90: at(90), p99: at(99), max: sum.max / 1_000 };
    },
  };
}

function freshHistogram(): RecordableHistogram {
  return createHistogram({ lowest: 1, highest: microsecondsInHour, figures: 3 });
}
