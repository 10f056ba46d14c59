import { startBackfill } from './backfill/backfill.ts';
import { openBackfill } from './backfill/open-runs.ts';
import { beginAnew } from './copy/anew.ts';
import { captureState, startCapture, stopCapture } from './copy/capture.ts';
import { ownerOf } from './copy/owner.ts';
import type { Engine } from './engine.types.ts';
import { installedAsApplier } from './copy/installed.ts';
import { trimAudit } from './move/audit.ts';
import { isComplete } from './move/completed.ts';
import { moveBuckets } from './move/move.ts';
import { needsCopy } from './move/needs-copy.ts';
import { openLook } from './move/look.ts';
import { recordVerification } from './move/verified.ts';
import { wantedMoves } from './move/wanted.ts';
import { startStream } from './stream/start-stream.ts';
import { trimVersions } from './stream/trim-applied.ts';
import { startContinuousVerify } from './verify/continuous.ts';
import { repair } from './verify/repair.ts';
import { verify } from './verify/verify.ts';

/** The engine on two real databases. */
export const engine: Engine = {
  installed: installedAsApplier,
  ownerOf,
  captureState,
  startCapture,
  stopCapture,
  beginAnew,
  startStream,
  openBackfill,
  startBackfill,
  verify,
  repair,
  recordVerification,
  needsCopy,
  wantedMoves,
  moveBuckets,
  openLook,
  isComplete,
  startContinuousVerify,
  trimVersions,
  trimAudit,
};
