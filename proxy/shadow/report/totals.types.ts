import type { SparseHistogram } from '#shared/telemetry/latency-histogram.ts';
import type { DifferenceKind, Evidence, FindingSample, Place, RouteDelta } from '../delta.types.ts';

// What a store adds up and gives back, before anything is concluded from it.

export type RouteKey = Pick<RouteDelta, 'migration' | 'route' | 'primarySide'>;

type Added = 'eligible' | 'compared' | 'same' | 'different' | 'raced' | 'noiseSamples';

export interface RouteTotals extends RouteKey, Pick<RouteDelta, Added> {
  readonly skipped: Counts;
  readonly shadowFailures: Counts;
  readonly primaryLatency: SparseHistogram;
  readonly shadowLatency: SparseHistogram;
  /** Pairs of groups that were left out because the route has more groups than are kept. */
  readonly crowdedOut: number;
}

/** By name; without a prototype. */
export type Counts = Readonly<Record<string, number>>;

export interface FindingKey extends RouteKey {
  readonly place: Place;
  readonly path: string;
  readonly kind: DifferenceKind;
  readonly expected: string | undefined;
}

export interface FindingTotals extends FindingKey {
  readonly id: string;
  readonly pairs: number;
  readonly selfDiffered: number;
  readonly evidence: Evidence;
  /** Milliseconds since 1970, over all that is kept. */
  readonly firstSeen: number;
  readonly lastSeen: number;
  readonly samples: readonly FindingSample[];
}

/** Everything that one report is made of. */
export interface Totals {
  readonly routes: readonly RouteTotals[];
  readonly findings: readonly FindingTotals[];
}

export interface ReportQuery {
  readonly migration?: string | undefined;
  readonly route?: string | undefined;
  /** Milliseconds since 1970; rounded down to the minute, or to the hour where only hours are kept any more. */
  readonly since?: number | undefined;
}
