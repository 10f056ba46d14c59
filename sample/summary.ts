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

/** Whether `--once` ends with exit code 0: the ramp went to its end and no user request failed. */
export function isSuccess({ ramp, users }: Summary): boolean {
  return ramp === 'complete' && (users === undefined || users.failed === 0);
}
