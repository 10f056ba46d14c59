import type { Side, Stage } from '#flags/stages.ts';
import type { BackfillProgress } from '#proxy/cutover/backfill/backfill.types.ts';
import type { StreamStatus } from '#proxy/cutover/stream/stream-status.ts';
import type { MovesStatus } from './moving.ts';
import type { ContinuousVerifyStatus } from '#proxy/cutover/verify/continuous.ts';

/**
 * Where the copy of one migration is.
 *
 * `off`: nothing is captured. `standby`: another mover leads. `checking`: is all installed? `starting`: capture and
 * streams. `copying`: backfill, followed at the same time. `verifying`: everything is compared once. `following`: the copy
 * is complete and followed, a sample compared all the time. `failed`: begun again by itself after a pause. `stopped`: for
 * good, until the stage goes to off and comes back. `complete`: the way back was given up; there is no copy any more,
 * whatever the stage is.
 */
export type MoverPhase =
  | 'off'
  | 'standby'
  | 'checking'
  | 'starting'
  | 'copying'
  | 'verifying'
  | 'following'
  | 'failed'
  | 'stopped'
  | 'complete';

export interface MoverStatus {
  readonly migration: string;
  readonly stage: Stage;
  readonly phase: MoverPhase;
  /** ISO 8601: in this phase since. */
  readonly since: string;
  /** Whether the way back was given up for good; `undefined` while nobody could say. */
  readonly complete?: boolean | undefined;
  /** The command that somebody has to give, since the stage alone does not do it; `undefined`: none. */
  readonly waitsFor?: string | undefined;
  readonly owner: Side;
  readonly progress: readonly BackfillProgress[];
  /** Of the way from the owner; `undefined` until something was carried. */
  readonly lagMs: number | undefined;
  readonly parked: number;
  readonly streams: readonly StreamStatus[];
  readonly verification: Verification;
  readonly continuous: ContinuousVerifyStatus | undefined;
  /** Who gets which buckets; `undefined` while there is no copy. */
  readonly moves: MovesStatus | undefined;
  readonly lastError: string | undefined;
}

/** The last comparison of everything. */
export type Verification =
  | { readonly state: 'none' }
  | { readonly state: 'running'; readonly dataset: string; readonly rows: number; readonly done: number }
  | {
      readonly state: 'equal' | 'differs';
      /** ISO 8601. */
      readonly at: string;
      readonly rows: number;
      readonly differences: number;
      /** Rows that were copied again from the owner before. */
      readonly repaired: number;
      readonly chanceOfMiss: number;
    };
