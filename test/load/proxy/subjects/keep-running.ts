import type { LoadSide } from '../load-side.ts';
import type { SlicePlan, SliceResult } from '../load/slice.ts';
import { startSubject, type RunningSubject, type StartOptions } from './start.ts';
import type { Subject } from './subject.ts';

/** A proxy through all the cases: one that has died is started anew for the next. */
export interface KeptProxy {
  readonly subject: Subject;
  /** Whether it has answered a good many requests since it was started. */
  readonly warm: boolean;
  /** Why it does not run. */
  readonly trouble: string | undefined;
  start(): Promise<void>;
  /** `undefined` where it does not run. */
  run(load: LoadSide, plan: Omit<SlicePlan, 'port' | 'pids'>): Promise<SliceResult | undefined>;
  stop(): Promise<void>;
}

export function keepRunning(subject: Subject, options: StartOptions): KeptProxy {
  const state: { running?: RunningSubject | undefined; warm: boolean; trouble?: string | undefined } = {
    warm: false,
  };
  return {
    subject,
    get warm() {
      return state.warm;
    },
    get trouble() {
      return state.trouble;
    },
    async start() {
      if (state.running?.ended() === false) return;
      state.warm = false;
      state.trouble = undefined;
      state.running = await startSubject(subject, options).catch((error: unknown) => {
        state.trouble = Error.isError(error) ? error.message : String(error);
        return undefined;
      });
    },
    async run(load, plan) {
      if (state.running === undefined) return undefined;
      const { port, pids } = state.running;
      const result = await load.run({ ...plan, port, pids });
      state.warm = true;
      return result;
    },
    stop: async () => state.running?.stop(),
  };
}
