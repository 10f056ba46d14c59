import type { TallySnapshot } from './traffic/tally.ts';
import type { LiveModel } from './live-model.ts';

export type RampOutcome = 'complete' | 'rolled-back' | 'not-finished';

/** How a run ended. */
export interface Summary {
  readonly seconds: number;
  readonly ramp: RampOutcome;
  readonly users: TallySnapshot | undefined;
  readonly reads: LiveModel['reads'] | undefined;
  readonly restarts: number;
  readonly dataFolder: string;
}

/**
 * Whether `--once` ends with exit code 0: the ramp went to its end, and of our users' requests some were answered, none
 * failed, and some reads came from the service: a ramp that moved nothing proves nothing.
 */
export function isSuccess({ ramp, users, reads }: Summary): boolean {
  if (ramp !== 'complete') return false;
  if (users === undefined) return true;
  return users.failed === 0 && users.ok > 0 && (reads?.service.total ?? 0) > 0;
}
