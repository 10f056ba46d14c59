import type { Side } from '#flags/stages.ts';
import type { CutoverPlan } from '../plan.types.ts';
import type { Difference } from './verify.types.ts';

export interface RepairOptions {
  readonly plan: CutoverPlan;
  readonly owner: Side;
  readonly differences: readonly Difference[];
  /** Says what would be done, and writes nothing. */
  readonly dryRun: boolean;
  readonly signal?: AbortSignal | undefined;
  /** How long captured changes may take to the follower before their rows are left to the stream. Milliseconds. Default: 10,000. */
  readonly drainWithinMs?: number | undefined;
}

/** Why a row was not repaired. */
export const unrepaired = {
  pending:
    'Changes that the owner captured are not on the follower yet: the stream may bring the row. Verify again later.',
  changing: 'The owner changed the row meanwhile: the stream brings it.',
  'owned-here': 'The side that should be repaired owns the row.',
  refused: 'The follower refuses the row.',
} as const;

export interface RepairReport {
  readonly dryRun: boolean;
  /** With `dryRun`: that would have been. */
  readonly repaired: number;
  /** Of these: rows that were deleted, because the owner has none. */
  readonly deleted: number;
  /** Rows that had become equal meanwhile. */
  readonly equalAlready: number;
  readonly failed: readonly {
    readonly difference: Difference;
    readonly code: keyof typeof unrepaired;
    readonly reason: string;
  }[];
}
