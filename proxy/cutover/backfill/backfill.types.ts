import type { Side } from '#flags/stages.ts';
import type { Logger } from '#shared/telemetry/log.ts';
import type { CutoverPlan } from '../plan.types.ts';
import type { Progress } from './progress.ts';
import type { Brake, ThrottleLimits } from './throttle.ts';

export interface BackfillOptions {
  readonly plan: CutoverPlan;
  /** The side that is filled. */
  readonly to: Side;
  readonly log: Logger;
  /** Ends it between two chunks; what is done stays done. */
  readonly signal: AbortSignal;
  readonly onProgress?: ((progress: BackfillProgress) => void) | undefined;
  /** How far the applies on `to` are behind, in milliseconds; of the stream. Without it the lag holds nothing back. */
  readonly lagMs?: (() => number) | undefined;
  /**
   * Resolves when `to` has every captured change that a snapshot of the other side sees (text of pg_snapshot); of the
   * stream. Without it the follower's own books are asked, again and again.
   */
  readonly reached?: ((snapshot: string) => Promise<void>) | undefined;
  readonly settings?: Partial<BackfillSettings> | undefined;
}

export interface BackfillSettings {
  /** Chunks of one dataset at once. Default: 2. */
  readonly workers: number;
  /** Rows of a chunk at most; fewer where rows are wide, so that a chunk has about 4 MiB. Default: 20,000. */
  readonly chunkRows: number;
  /** Parked rows of one dataset at most. Default: 10,000. */
  readonly maxParked: number;
  /** How long a database may stay away. Milliseconds. Default: 600,000. */
  readonly giveUpMs: number;
  /** Between the rounds in which parked rows are tried again. Milliseconds. Default: 1,000. */
  readonly settlePauseMs: number;
  readonly throttle: Partial<ThrottleLimits>;
}

export interface BackfillProgress extends Progress {
  /** What holds the copy back at present. */
  readonly brake: Brake | undefined;
}

export interface DatasetCopied {
  readonly dataset: string;
  /** Written by all processes of this run. */
  readonly rows: number;
  readonly bytes: number;
  /** Read, but there already or known to `applied`. */
  readonly leftAlone: number;
  readonly parked: number;
  readonly resumed: boolean;
}

export interface BackfillResult {
  readonly datasets: readonly DatasetCopied[];
  readonly tookMs: number;
}
