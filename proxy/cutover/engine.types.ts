import type { Side } from '#flags/stages.ts';
import type { Logger } from '#shared/telemetry/log.ts';
import type { CutoverPlan } from './plan.types.ts';

// What the commands and the mover ask of the engine's parts: gate, stream and bulk. A fake of these is all that their
// own tests need.

export interface Engine {
  install(plan: CutoverPlan, side: Side): Promise<InstallReport>;
  upgrade(plan: CutoverPlan, side: Side): Promise<InstallReport>;
  uninstall(plan: CutoverPlan, side: Side): Promise<InstallReport>;
  /** Whether gate and capture of this plan stand on the side; `undefined`: nothing of Banyan's is there. */
  installed(plan: CutoverPlan, side: Side): Promise<InstalledState | undefined>;
  /** The way from `from` to the other side, for every group of the plan. Resolves when it reads and applies. */
  startStream(options: StreamOptions): Promise<Stream>;
  startBackfill(options: BackfillOptions): Promise<BackfillResult>;
  verify(options: VerifyOptions): Promise<VerifyReport>;
  repair(options: RepairOptions): Promise<RepairReport>;
  startContinuousVerify(options: ContinuousVerifyOptions): ContinuousVerify;
}

export interface InstallReport {
  readonly side: Side;
  /** One line for each thing that was made, changed or removed; empty: all was as wanted. */
  readonly changes: readonly string[];
}

export interface InstalledState {
  /** Number of the last SQL file that ran. */
  readonly version: number;
  /** What differs from the plan, each a sentence; empty: it is as the plan wants it. */
  readonly differences: readonly string[];
}

export interface StreamOptions {
  readonly plan: CutoverPlan;
  /** Whose writes are followed. */
  readonly from: Side;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

export interface Stream {
  status(): StreamStatus;
  /** Resolves when the other side has everything that was visible in `snapshot` (pg_current_snapshot as text). */
  drainedUpTo(snapshot: string): Promise<void>;
  stop(): Promise<void>;
  /** Settles when it ended by itself or was stopped; rejects with what it can't go on from. */
  readonly ended: Promise<void>;
}

export interface StreamStatus {
  /** How far the other side is behind, in milliseconds. */
  readonly lagMs: number;
  readonly pendingRows: number;
  readonly outboxBytes: number;
  /** Changes since the start of this stream. */
  readonly applied: number;
  readonly parked: number;
  /** pg_snapshot as text, by group. */
  readonly position: Readonly<Record<string, string>>;
  /** Changes a second over the last seconds. */
  readonly rate: number;
}

export interface BackfillOptions {
  readonly plan: CutoverPlan;
  /** The side that is filled. */
  readonly to: Side;
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly onProgress?: ((progress: BackfillProgress) => void) | undefined;
}

export interface BackfillProgress {
  readonly dataset: string;
  readonly rows: number;
  readonly estimated: number;
  readonly rowsPerSecond: number;
  /** `undefined` until a rate is known. */
  readonly etaMs: number | undefined;
}

export interface BackfillResult {
  readonly datasets: readonly { readonly dataset: string; readonly rows: number; readonly bytes: number }[];
  readonly tookMs: number;
}

export type VerifyMode = 'live' | 'snapshot';

export interface VerifyOptions {
  readonly plan: CutoverPlan;
  /** Whose rows count as right. */
  readonly owner: Side;
  readonly mode: VerifyMode;
  readonly signal: AbortSignal;
  readonly onProgress?: ((progress: VerifyProgress) => void) | undefined;
}

export interface VerifyProgress {
  readonly dataset: string;
  readonly shards: number;
  readonly shardsDone: number;
  readonly rows: number;
}

export interface VerifyReport {
  readonly equal: boolean;
  readonly mode: VerifyMode;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly tookMs: number;
  readonly datasets: readonly {
    readonly dataset: string;
    readonly rows: number;
    readonly differences: number;
  }[];
  /** Bounded; `datasets` has the whole numbers. */
  readonly differences: readonly Difference[];
  /** Chance that the digests hide a difference, 0 to 1. */
  readonly chanceOfMiss: number;
}

export interface Difference {
  readonly dataset: string;
  /** The owner's key columns as text. */
  readonly key: readonly string[];
  readonly kind: 'missing' | 'extra' | 'differs';
  /** The follower's columns that differ. */
  readonly columns: readonly string[];
}

export interface RepairOptions {
  readonly plan: CutoverPlan;
  readonly owner: Side;
  readonly differences: readonly Difference[];
  readonly dryRun: boolean;
}

export interface RepairReport {
  readonly dryRun: boolean;
  readonly repaired: number;
  /** Rows that had become equal meanwhile. */
  readonly equalAlready: number;
  readonly failed: readonly { readonly difference: Difference; readonly reason: string }[];
}

export interface ContinuousVerifyOptions {
  readonly plan: CutoverPlan;
  readonly owner: Side;
  /** Everything is looked at once within so many milliseconds. */
  readonly within: number;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

export interface ContinuousVerify {
  status(): ContinuousVerifyStatus;
  stop(): Promise<void>;
}

export interface ContinuousVerifyStatus {
  /** Part of the present round, 0 to 1. */
  readonly done: number;
  readonly rounds: number;
  /** ISO 8601; `undefined` before the first round ended. */
  readonly lastRoundAt: string | undefined;
  readonly differences: number;
}
