import type { Side } from '#flags/stages.ts';
import type { CutoverPlan } from '../plan.types.ts';
import type { DigestMethod } from './digest.ts';

/**
 * `snapshot`: two cuts, and what differs between them counts; exact where nothing is written, or the writes stand still.
 * `live`: rows that differ are looked at again after the lag, and what still differs counts.
 */
export type VerifyMode = 'live' | 'snapshot';

/** Whether a report quotes the values that differ, or only their lengths and digests. */
export type ValuesShown = 'shown' | 'hidden';

export interface VerifyOptions {
  readonly plan: CutoverPlan;
  /** Whose rows count as right. */
  readonly owner: Side;
  readonly mode: VerifyMode;
  readonly signal: AbortSignal;
  readonly onProgress?: ((progress: VerifyProgress) => void) | undefined;
  /** Resolves when the follower has all that was visible in the owner's snapshot: the stream's. Waited for in mode `snapshot`. */
  readonly drainedUpTo?: ((snapshot: string) => Promise<void>) | undefined;
  readonly settings?: Partial<VerifySettings> | undefined;
}

export interface VerifySettings {
  /** Connections that scan, on each side. Default: 2. */
  readonly workers: number;
  /** Differing rows that are listed at most, of one dataset. Default: 1,000. */
  readonly maxDifferences: number;
  /** Default: `hidden`. */
  readonly values: ValuesShown;
  /** Between two looks at a row in flight. Milliseconds. Default: 1,000. */
  readonly pauseMs: number;
  /** Looks at a row in flight at most. Default: 5. */
  readonly looks: number;
}

export interface VerifyProgress {
  readonly dataset: string;
  /** Both sides are scanned: 2 a dataset. */
  readonly shards: number;
  readonly shardsDone: number;
  readonly rows: number;
}

export interface ValueDifference {
  /** The follower's column. */
  readonly column: string;
  /** In the follower's text form; `undefined`: NULL. */
  readonly owner: string | undefined;
  readonly follower: string | undefined;
}

export interface Difference {
  readonly dataset: string;
  /** The owner's key columns as text. */
  readonly key: readonly string[];
  readonly followerKey: readonly string[];
  readonly kind: 'missing' | 'extra' | 'differs';
  /** The follower's columns that differ. */
  readonly columns: readonly string[];
  readonly values: readonly ValueDifference[];
}

export interface DatasetVerified {
  readonly dataset: string;
  /** The owner's. */
  readonly rows: number;
  readonly followerRows: number;
  readonly shards: number;
  readonly shardsDiffer: number;
  /** Shards that differ and were not opened, because enough differences are listed. */
  readonly shardsUnopened: number;
  readonly differences: number;
  /** Rows that were in flight at each look. */
  readonly moving: number;
  readonly method: DigestMethod;
  /** Nothing was captured on the owner between the two cuts. `undefined`: there is no capture to tell by. */
  readonly consistent: boolean | undefined;
  readonly tookMs: number;
}

export interface VerifyReport {
  readonly equal: boolean;
  readonly mode: VerifyMode;
  readonly owner: Side;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly tookMs: number;
  readonly datasets: readonly DatasetVerified[];
  /** Bounded for each dataset. */
  readonly differences: readonly Difference[];
  /** Chance that the digests hide a difference, 0 to 1. */
  readonly chanceOfMiss: number;
  readonly certainty: string;
}
