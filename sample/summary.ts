import type { TallySnapshot } from './traffic/tally.ts';
import type { LiveModel } from './live-model.ts';
import { soleOwner } from './ownership-look.ts';
import type { RampEnd } from './ramp.ts';
import type { ReadsSince } from './read-counter.ts';
import type { ReleaseModel } from './release/release-model.ts';
import type { ShadowModel } from './shadow-look.ts';

export type RampOutcome = RampEnd | 'not-finished';

/** How a run ended. */
export interface Summary {
  readonly seconds: number;
  readonly ramp: RampOutcome;
  readonly users: TallySnapshot | undefined;
  readonly reads: LiveModel['reads'] | undefined;
  /** What comparing both sides has shown; `undefined` where nothing is known. */
  readonly shadow: ShadowModel | undefined;
  /** From the moment at which the last step of the ramp, all reads by the service, was in force. */
  readonly lastStep: ReadsSince | undefined;
  /** How the copy was at the end. */
  readonly copy: LiveModel['copy'];
  readonly ownership: LiveModel['ownership'];
  readonly moves: LiveModel['moves'];
  readonly release: ReleaseModel;
  readonly restarts: number;
  readonly dataFolder: string;
}

/**
 * Whether `--once` ends with exit code 0: the ramp went to its end, at which the service owns the data, and of our users' requests some were answered, none
 * failed, and at the last step the service answered the reads: a ramp that moved nothing, or less, proves nothing. And the
 * comparer is sure of no difference between the two sides' answers, planted ones included.
 */
export function isSuccess(summary: Summary): boolean {
  const { ramp, users, shadow, lastStep } = summary;
  if (!isOwnedByService(summary)) return false;
  if (ramp !== 'complete' || (shadow?.differences.length ?? 0) > 0) return false;
  if (users === undefined) return true;
  return users.failed === 0 && users.ok > 0 && hasMovedAll(lastStep);
}

export function isOwnedByService({ ownership }: Pick<Summary, 'ownership'>): boolean {
  return ownership !== undefined && soleOwner(ownership) === 'service';
}

/** All but those that were decided before the last step. */
function hasMovedAll(lastStep: ReadsSince | undefined): boolean {
  return lastStep !== undefined && lastStep.service > 0 && lastStep.monolith <= lastStep.underWay;
}
