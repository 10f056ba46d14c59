import type { ExchangeReport } from '#proxy/http/seam.ts';
import { latencyWindow, type LatencySummary, type LatencyWindow } from './latency-window.ts';

/** Counts of the exchanges that went one way, since the start. */
export interface WayCounts {
  route: string;
  target: string;
  requests: number;
  /** By hundreds of the status: index 2 holds 200-299; 0 is not used. */
  statuses: number[];
  /** By failure code. */
  failures: Record<string, number>;
  /** By the reason of the decision. */
  reasons: Record<string, number>;
}

export interface TrafficSnapshot {
  readonly requests: number;
  /** Never got a decision: refused before routing. */
  readonly undecided: Readonly<Record<string, number>>;
  readonly ways: readonly Readonly<WayCounts>[];
  /** Of the last ten seconds, by target. */
  readonly latencyMs: Readonly<Record<string, LatencySummary>>;
}

export interface Traffic {
  record(report: ExchangeReport): void;
  snapshot(): TrafficSnapshot;
}

/**
 * Counts what went where. Its size is that of the configuration (routes × targets × reasons), since none of its keys is
 * ever taken from a request.
 */
export function traffic(): Traffic {
  const ways = new Map<string, WayCounts>();
  const latency = new Map<string, LatencyWindow>();
  const undecided: Record<string, number> = Object.create(null) as Record<string, number>;
  let requests = 0;
  return {
    record({ decision, failure, status, durationMs }) {
      requests += 1;
      if (decision === undefined) {
        increment(undecided, failure ?? 'unknown');
        return;
      }
      const way = wayOf(ways, decision.route, decision.upstream);
      way.requests += 1;
      const hundred = Math.floor(status / 100);
      way.statuses[hundred] = (way.statuses[hundred] ?? 0) + 1;
      increment(way.reasons, decision.reason);
      if (failure !== undefined) increment(way.failures, failure);
      let window = latency.get(decision.upstream);
      if (window === undefined) latency.set(decision.upstream, (window = latencyWindow()));
      window.record(durationMs);
    },
    snapshot: () => ({
      requests,
      undecided: { ...undecided },
      ways: [...ways.values()].map((way) => ({
        ...way,
        statuses: [...way.statuses],
        failures: { ...way.failures },
        reasons: { ...way.reasons },
      })),
      latencyMs: Object.fromEntries([...latency].map(([target, window]) => [target, window.summary()])),
    }),
  };
}

function wayOf(ways: Map<string, WayCounts>, route: string, target: string): WayCounts {
  const key = `${route} ${target}`;
  let way = ways.get(key);
  if (way === undefined) {
    way = { route, target, requests: 0, statuses: [0, 0, 0, 0, 0, 0], failures: {}, reasons: {} };
    ways.set(key, way);
  }
  return way;
}

function increment(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}
