import type { Side } from '#flags/stages.ts';
import type { SparseHistogram } from '#shared/telemetry/latency-histogram.ts';

/** Why a request that could have been compared was not. A closed set: it is counted, and each report shows its coverage. */
export type SkipReason =
  | 'not-sampled'
  | 'unsafe-method'
  /** The client had the answer already (304, 412): there is nothing to compare. */
  | 'conditional'
  /** Its key was written again before each of its later looks. */
  | 'always-written'
  /** At its later look both sides answered with another status than at the first: it was deleted, or the session ended. */
  | 'gone-since'
  | 'request-over-size'
  | 'answer-over-size'
  | 'queue-full'
  | 'rate-cap'
  | 'breaker-open'
  | 'primary-failed'
  | 'client-left'
  | 'shadow-failed'
  | 'compare-overloaded'
  | 'undecodable';

/** Where in an answer a difference lies. */
export type Place = 'status' | 'header' | 'body';

/** How two values differ. */
export type DifferenceKind =
  | 'missing' // the shadow lacks it
  | 'extra' // only the shadow has it
  | 'type'
  | 'value'
  | 'order'
  | 'length'
  | 'undecodable';

/** What one process saw since its last delta. Deltas are added up, by process, by minute and in the store. */
export interface ShadowDelta {
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
  readonly routes: readonly RouteDelta[];
  readonly findings: readonly FindingDelta[];
}

export interface RouteDelta {
  readonly migration: string;
  readonly route: string;
  readonly primarySide: Side;
  /** Requests of this route while its stage compares: the whole of which the coverage is a part. */
  readonly eligible: number;
  readonly compared: number;
  /** Equal, or different only in what a rule or noise explains. */
  readonly same: number;
  /** Differ in something that no rule and no noise explains (yet). */
  readonly different: number;
  /** Differed at first and agreed at the later look, after the copy's lag. */
  readonly raced: number;
  /** Pairs that were chosen beforehand to measure noise as well. */
  readonly noiseSamples: number;
  readonly skipped: Readonly<Partial<Record<SkipReason, number>>>;
  /** Failures of the shadow leg by failure code of the data plane. */
  readonly shadowFailures: Readonly<Record<string, number>>;
  /** Latencies of the two legs of compared pairs. */
  readonly latency: { readonly primary: SparseHistogram; readonly shadow: SparseHistogram };
}

/** One group of differences: route + place + path + kind. */
export interface FindingDelta {
  readonly migration: string;
  readonly route: string;
  readonly primarySide: Side;
  readonly place: Place;
  /** `status`, the header's name, or a JSON path with indexes generalised: `$.items[*].price`. */
  readonly path: string;
  readonly kind: DifferenceKind;
  /** Pairs in which it was seen. */
  readonly pairs: number;
  /** Of the noise samples, those in which the primary differed from itself at this path. */
  readonly selfDiffered: number;
  /** What second answers of the primary say of it; `judge` makes a verdict of the sums. */
  readonly evidence: Evidence;
  /** Owner and reason of the rule that expects it; `undefined` where none does. */
  readonly expected: string | undefined;
  /** Milliseconds since 1970. */
  readonly firstSeen: number;
  readonly lastSeen: number;
  /** Redacted; a bounded number. */
  readonly samples: readonly FindingSample[];
}

/**
 * Three answers to one request that differed at this path: the primary's, the shadow's, and the primary's second. Noise is as
 * likely to single out the one as the other; a difference singles out the shadow. Adds up over processes and time.
 */
export interface Evidence {
  /** The primary agreed with itself. */
  readonly shadowAlone: number;
  /** The primary's second answer agreed with the shadow. */
  readonly primaryAlone: number;
  /** No two agreed. */
  readonly allDiffer: number;
}

export interface FindingSample {
  readonly at: number;
  /** Method, target and header lines, redacted. */
  readonly request: {
    readonly method: string;
    readonly target: string;
    readonly headers: readonly (readonly [string, string])[];
  };
  /** The two values at the path, as JSON text or header text, cut to a bound and redacted; `undefined` where missing. */
  readonly primary: string | undefined;
  readonly shadow: string | undefined;
}
