import type { LatencySummary } from '#shared/telemetry/latency-histogram.ts';
import type { Evidence, FindingSample } from '../delta.types.ts';
import type { Counts, FindingKey, FindingTotals, RouteKey, RouteTotals } from './totals.types.ts';
import type { StoreStatus } from './store.types.ts';

// What people and programs read: `banyan diff --json` and GET /shadow/report are this, as JSON.

export interface ShadowReport {
  /** ISO 8601. */
  readonly generatedAt: string;
  /** Beginning of what it covers; `undefined`: everything that is kept. */
  readonly since: string | undefined;
  readonly store: StoreStatus;
  readonly routes: readonly RouteReport[];
}

export interface RouteReport extends RouteKey {
  readonly coverage: Coverage;
  readonly same: number;
  /** Pairs that differ in something that is neither expected nor noise. Never more than `differentAtFirst`. */
  readonly different: number;
  /** Pairs that differed when they were looked at, before the noise was known. */
  readonly differentAtFirst: number;
  readonly raced: number;
  /** Pairs whose every difference is expected by a rule, or noise. */
  readonly explained: number;
  readonly noiseSamples: number;
  /** `different` as a part of what was compared. */
  readonly differenceRate: Rate;
  /** Failures of the shadow leg by code. */
  readonly shadowFailures: Counts;
  readonly latency: { readonly primary: LatencyReport; readonly shadow: LatencyReport };
  /** By verdict (differences first), then by pairs. */
  readonly findings: readonly FindingReport[];
  /** What stands not in `findings`: groups that the export has, and pairs of groups that are kept no more. */
  readonly leftOut: { readonly findings: number; readonly crowdedOutPairs: number };
}

export interface Coverage {
  /** Requests that could have been compared. */
  readonly eligible: number;
  readonly compared: number;
  /** 0-1; `undefined` where nothing was eligible. */
  readonly part: number | undefined;
  /** By falling count. */
  readonly skipped: readonly { readonly reason: string; readonly count: number; readonly part: number }[];
}

/** 0-1, with its 95 % interval (Wilson); `rate` is `undefined` where nothing was looked at. */
export interface Rate {
  readonly rate: number | undefined;
  readonly low: number;
  readonly high: number;
}

export interface LatencyReport extends LatencySummary {
  /** Counts by doubling time: up to 0.125 ms, 0.25, 0.5, 1, … */
  readonly histogram: readonly { readonly upToMs: number; readonly count: number }[];
}

/** `expected`: a rule expects it. The others are what statistics say. */
export type Verdict = 'difference' | 'noise' | 'undecided' | 'expected';

export interface FindingReport extends FindingKey {
  readonly id: string;
  readonly verdict: Verdict;
  readonly pairs: number;
  /** As a part of the route's compared pairs. */
  readonly pairRate: Rate;
  /** Of the noise samples, those in which the primary differed from itself here. */
  readonly selfDiffered: number;
  readonly selfRate: Rate;
  /** Sums over requests that three answers were had of; what the verdict goes by. */
  readonly evidence: Evidence;
  /** ISO 8601. */
  readonly firstSeen: string;
  readonly lastSeen: string;
  /** Newest first. */
  readonly samples: readonly FindingSample[];
}

/** Gives the findings of one route and primary side their verdicts. The store only counts. */
export type Judge = (
  findings: readonly FindingTotals[],
  route: RouteTotals,
) => readonly { readonly finding: FindingTotals; readonly verdict: Exclude<Verdict, 'expected'> }[];
