import { createHistogram } from 'node:perf_hooks';
import { summarise, type LatencySummary } from '#shared/telemetry/latency-histogram.ts';
import { latencyWindow } from '#proxy/control/latency-window.ts';
import type { Verdict } from './verdict.ts';

export interface TallySnapshot {
  readonly ok: number;
  readonly refused: number;
  readonly failed: number;
  /** Due requests that were not sent, because too many were in flight or nobody was free. */
  readonly unsent: number;
  readonly inFlight: number;
  /** Of the last ten seconds, from when a request was due. */
  readonly recent: LatencySummary;
  /** Of the whole run. Milliseconds. */
  readonly overall: { readonly p50: number; readonly p99: number; readonly max: number };
  /** The first failures, in words. */
  readonly failures: readonly string[];
}

export interface Tally {
  begin(): void;
  end(outcome: { readonly verdict: Verdict; readonly latencyMs: number; readonly where: string }): void;
  skip(count: number): void;
  snapshot(): TallySnapshot;
  /** The longest latency since the last call, milliseconds; `undefined` where nothing ended. */
  longest(): number | undefined;
}

const keptFailures = 10;
const longestMicroseconds = 3_600_000_000;

/** Counts what the users of one run got. Its size does not grow with the run. */
export function createTally(): Tally {
  const all = createHistogram({ lowest: 1, highest: longestMicroseconds, figures: 3 });
  const window = latencyWindow();
  const failures: string[] = [];
  let longest: number | undefined;
  const counts = { ok: 0, refused: 0, failed: 0, unsent: 0, inFlight: 0 };
  return {
    begin() {
      counts.inFlight += 1;
    },
    end({ verdict, latencyMs, where }) {
      counts.inFlight -= 1;
      counts[verdict.kind] += 1;
      window.record(latencyMs);
      longest = Math.max(longest ?? 0, latencyMs);
      all.record(Math.min(longestMicroseconds, Math.max(1, Math.round(latencyMs * 1_000))));
      if (verdict.kind === 'failed' && failures.length < keptFailures)
        failures.push(`${where}: ${verdict.why}`);
    },
    skip(count) {
      counts.unsent += count;
    },
    longest() {
      const found = longest;
      longest = undefined;
      return found;
    },
    snapshot() {
      return {
        ...counts,
        recent: summarise(window.histogram()),
        overall: {
          p50: all.percentile(50) / 1_000,
          p99: all.percentile(99) / 1_000,
          max: all.count === 0 ? 0 : all.max / 1_000,
        },
        failures: [...failures],
      };
    },
  };
}
