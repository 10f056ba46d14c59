import type { ExchangeReport } from '#proxy/http/seam.ts';
import { addHistograms, type SparseHistogram } from '#shared/telemetry/latency-histogram.ts';
import { latencyWindow, type LatencyWindow } from './latency-window.ts';

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
  /** Of the last ten seconds. */
  latency: SparseHistogram;
}

/** What one process has seen, or several together. */
export interface TrafficSnapshot {
  readonly requests: number;
  /** Never got a decision, refused before routing: by failure code. */
  readonly undecided: Readonly<Record<string, number>>;
  readonly ways: readonly Readonly<WayCounts>[];
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
  const windows = new Map<WayCounts, LatencyWindow>();
  const undecided = emptyCounts();
  let requests = 0;
  return {
    record({ decision, redirectedTo, failure, status, durationMs }) {
      requests += 1;
      if (decision === undefined) {
        add(undecided, failure ?? 'unknown', 1);
        return;
      }
      const way = wayOf(ways, { route: decision.route, upstream: redirectedTo ?? decision.upstream });
      way.requests += 1;
      const hundred = Math.floor(status / 100);
      way.statuses[hundred] = (way.statuses[hundred] ?? 0) + 1;
      add(way.reasons, decision.reason, 1);
      if (failure !== undefined) add(way.failures, failure, 1);
      let window = windows.get(way);
      if (window === undefined) windows.set(way, (window = latencyWindow()));
      window.record(durationMs);
    },
    snapshot() {
      for (const [way, window] of windows) way.latency = window.histogram();
      return mergeTraffic([{ requests, undecided, ways: [...ways.values()] }]);
    },
  };
}

/** The sum of several snapshots. */
export function mergeTraffic(all: readonly TrafficSnapshot[]): TrafficSnapshot {
  const ways = new Map<string, WayCounts>();
  const undecided = emptyCounts();
  let requests = 0;
  for (const counts of all) {
    requests += counts.requests;
    addAll(undecided, counts.undecided);
    for (const way of counts.ways) {
      const sum = wayOf(ways, { route: way.route, upstream: way.target });
      sum.requests += way.requests;
      for (const [hundred, count] of way.statuses.entries())
        sum.statuses[hundred] = (sum.statuses[hundred] ?? 0) + count;
      addAll(sum.failures, way.failures);
      addAll(sum.reasons, way.reasons);
      sum.latency = addHistograms(sum.latency, way.latency);
    }
  }
  return { requests, undecided, ways: [...ways.values()] };
}

function wayOf(
  ways: Map<string, WayCounts>,
  { route, upstream }: { readonly route: string; readonly upstream: string },
): WayCounts {
  const key = `${route} ${upstream}`;
  let way = ways.get(key);
  if (way === undefined) {
    way = {
      route,
      target: upstream,
      requests: 0,
      statuses: [0, 0, 0, 0, 0, 0],
      failures: emptyCounts(),
      latency: [],
      reasons: emptyCounts(),
    };
    ways.set(key, way);
  }
  return way;
}

function emptyCounts(): Record<string, number> {
  return Object.create(null) as Record<string, number>;
}

function addAll(sum: Record<string, number>, more: Readonly<Record<string, number>>): void {
  for (const [key, count] of Object.entries(more)) add(sum, key, count);
}

function add(counts: Record<string, number>, key: string, more: number): void {
  counts[key] = (counts[key] ?? 0) + more;
}
