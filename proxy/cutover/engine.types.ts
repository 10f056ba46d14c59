import type { Side, Stage } from '#flags/stages.ts';
import type { BackfillOptions, BackfillResult } from './backfill/backfill.types.ts';
import type { CaptureState } from './copy/capture.ts';
import type { CutoverPlan } from './plan.types.ts';
import type { InstalledState } from './install/report.types.ts';
import type { MoveOptions, MoveReport } from './move/move.types.ts';
import type { MoveLook } from './move/look.ts';
import type { WantedMove } from './move/wanted.ts';
import type { Stream, StreamOptions } from './stream/start-stream.ts';
import type { ContinuousVerify, ContinuousVerifyOptions } from './verify/continuous.ts';
import type { RepairOptions, RepairReport } from './verify/repair.types.ts';
import type { VerifyOptions, VerifyReport } from './verify/verify.types.ts';

/** What the mover asks of the engine's parts: gate, stream and bulk. A fake of these is all that its own tests need. */
export interface Engine {
  /** Whether gate and capture of this plan stand on the side; `undefined`: nothing of Banyan's is there. */
  installed(plan: CutoverPlan, side: Side): Promise<InstalledState | undefined>;
  /** Who owns what now, as the two databases say. */
  ownerOf(plan: CutoverPlan): Promise<Side>;
  captureState(plan: CutoverPlan, side: Side): Promise<CaptureState>;
  startCapture(plan: CutoverPlan, side: Side): Promise<void>;
  stopCapture(plan: CutoverPlan, side: Side, reason: string): Promise<void>;
  /** @returns the groups whose copy from that side begins anew, since its capture did */
  beginAnew(options: { readonly plan: CutoverPlan; readonly from: Side }): Promise<string[]>;
  startStream(options: StreamOptions): Promise<Stream>;
  /** Says that `to` will be filled; for before its stream is started. */
  openBackfill(options: { readonly plan: CutoverPlan; readonly to: Side }): Promise<void>;
  startBackfill(options: BackfillOptions): Promise<BackfillResult>;
  verify(options: VerifyOptions): Promise<VerifyReport>;
  repair(options: RepairOptions): Promise<RepairReport>;
  /** Lets go of versions on both sides that nothing can meet any more. @returns how many went */
  trimVersions(options: { readonly plan: CutoverPlan; readonly signal: AbortSignal }): Promise<number>;
  /** Lets the oldest changes of ownership go; the last 1,000,000 stay. */
  trimAudit(plan: CutoverPlan): Promise<void>;
  recordVerification(plan: CutoverPlan, report: VerifyReport): Promise<void>;
  /** Whether a side still has to be filled by a backfill. */
  needsCopy(plan: CutoverPlan, to: Side): Promise<boolean>;
  /** What is to be moved so that fact meets the stage's wish and those of commands. */
  wantedMoves(plan: CutoverPlan, stage: Stage): Promise<WantedMove[]>;
  /** @throws MoveRefused */
  moveBuckets(options: MoveOptions): Promise<MoveReport>;
  /** For whoever looks again and again: what is to be moved, and sides that contradict each other. */
  openLook(plan: CutoverPlan): MoveLook;
  /** Whether the way back was given up for good; `undefined`: nothing is installed, or not for this role. */
  isComplete(plan: CutoverPlan): Promise<boolean | undefined>;
  startContinuousVerify(options: ContinuousVerifyOptions): ContinuousVerify;
}
