import type { ProcessPlan, RunningProcess } from './processes.ts';

/** A part of the sample that another process may take the place of, while both run. */
export interface Replaceable {
  /** Those that run, the present one last. */
  running(): readonly RunningProcess[];
  /** Starts of those that have ended, beside the first of each. */
  pastRestarts(): number;
  /** Starts the next one beside the present one. @throws what `start` throws */
  startNext(plan: ProcessPlan): Promise<void>;
  /** Ends all but the present one. */
  stopPrevious(withinMs: number): Promise<void>;
  /** Ends all of them, and whatever is still being started. */
  stop(withinMs: number): Promise<void>;
}

export function createReplaceable(start: (plan: ProcessPlan) => Promise<RunningProcess>): Replaceable {
  let running: RunningProcess[] = [];
  let pastRestarts = 0;
  let stopped = false;

  async function end(process: RunningProcess, withinMs: number): Promise<void> {
    await process.stop(withinMs);
    if (!running.includes(process)) return;
    running = running.filter((one) => one !== process);
    pastRestarts += process.model().restarts;
  }

  return {
    running: () => running,
    pastRestarts: () => pastRestarts,
    async startNext(plan) {
      const next = await start(plan);
      running = [...running, next];
      if (stopped) await end(next, 0);
    },
    async stopPrevious(withinMs) {
      await Promise.all(running.slice(0, -1).map((process) => end(process, withinMs)));
    },
    async stop(withinMs) {
      stopped = true;
      await Promise.all(running.map((process) => end(process, withinMs)));
    },
  };
}
