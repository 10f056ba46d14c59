import type { Side } from '#flags/stages.ts';
import type { Logger } from '#shared/telemetry/log.ts';
import type { CutoverPlan } from '../plan.types.ts';

/** Times in milliseconds. */
export interface MoveBounds {
  /** From the fence on; then an undrained move is undone. Default: 5,000. */
  readonly withinMs: number;
  /** How long one try of a step waits for the bucket's lock, which is how long writers queue behind it. Default: 100. */
  readonly holdMs: number;
  /** How long a bucket that is held, or a side that does not answer, is tried again. Default: 10,000. */
  readonly giveUpMs: number;
  /** Buckets under way at the same time. Default: 16. */
  readonly parallel: number;
}

export interface MoveOptions {
  readonly plan: CutoverPlan;
  readonly group: string;
  readonly to: Side;
  readonly buckets: readonly number[];
  /** Who or what wants it; into the audit. */
  readonly by: string;
  readonly log: Logger;
  readonly bounds?: Partial<MoveBounds>;
  readonly signal?: AbortSignal;
  /**
   * What must be true before the first fence. `all`: what `precheck` looks for. `safe`: the same without a clean
   * verification, for the way back. `none`: the steps' own guards alone. Default: all.
   */
  readonly checks?: 'all' | 'safe' | 'none';
  readonly onStep?: (step: StepTaken) => void;
}

export interface StepTaken {
  readonly bucket: number;
  readonly step: 'fence' | 'commit' | 'abort' | 'reopen';
  readonly epoch: number;
}

/**
 * How a bucket ended. `moved`: the wanted side owns it. `undone`: the drain took too long, the old owner writes on.
 * `given-up`: nothing was changed. `undecided`: a side does not answer; whoever is started when it does ends the move.
 */
export type BucketEnd = 'moved' | 'undone' | 'given-up' | 'undecided';

export interface BucketOutcome {
  readonly bucket: number;
  readonly end: BucketEnd;
  /** For people; empty where it was moved. */
  readonly reason: string;
  /** For how long its writes were held back at most: from the wait for the fence to the new owner. Milliseconds. */
  readonly pauseMs: number | undefined;
}

export interface MoveReport {
  readonly group: string;
  readonly to: Side;
  readonly outcomes: readonly BucketOutcome[];
  /** Over the buckets that this call moved. Milliseconds. */
  readonly pause: {
    readonly count: number;
    readonly p50: number;
    readonly p99: number;
    readonly max: number;
  };
  readonly tookMs: number;
}

/** Why a move was not begun. */
export type Obstacle =
  | 'unreachable'
  | 'not-installed'
  | 'unclear'
  | 'capture-stopped'
  | 'copy-open'
  | 'not-copied'
  | 'not-verified'
  | 'parked'
  | 'stream-late'
  | 'complete';

export interface MoveObstacle {
  readonly code: Obstacle;
  readonly message: string;
}
