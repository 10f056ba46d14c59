import type { Side } from '#flags/stages.ts';

/**
 * Who a side is for one bucket. `fenced` and `follower` both write nothing of their own; they are kept apart because a
 * side that gave the bucket up and one that refused to take it would else look alike, and an aborted move would read as a
 * move the other way.
 */
export type BucketState = 'owner' | 'fenced' | 'follower';

/** One side's row of `banyan.buckets`. */
export interface BucketFact {
  readonly state: BucketState;
  readonly epoch: number;
  /** Epoch at which this side last gave the bucket up; a copied change from before it is refused. */
  readonly fencedAt: number;
  /** Last marker of the other side that was applied here. */
  readonly drained: number;
}

export type BothFacts = Readonly<Record<Side, BucketFact>>;

/** One compare-and-set of a move. */
export type StepName = 'fence' | 'commit' | 'abort' | 'reopen';

/** The side that a step writes: the one that gives the bucket up, or the one that takes it. */
export type StepSide = 'from' | 'to';
