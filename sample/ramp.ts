import { setTimeout as delay } from 'node:timers/promises';
import { stageTable, type Stage } from '#flags/stages.ts';
import { messageOf } from '#shared/errors/message.ts';
import type { SampleEvent } from './events.ts';
import type { RampModel } from './live-model.ts';
import type { RampStep } from './ramp-steps.ts';

export interface RampOptions {
  readonly steps: readonly RampStep[];
  /** Bake time of a step. Milliseconds. */
  readonly stepMs: number;
  /** Puts a step into the flags, and resolves when the proxy goes by it. @throws an Error that says why it could not */
  readonly apply: (step: RampStep) => Promise<void>;
  /** Why the next step must wait; `undefined` when all is well. */
  readonly trouble: (next: RampStep, now: RampStep | undefined) => Promise<string | undefined>;
  /** How long a step may be held up, in milliseconds. Default 60,000; a copy of 12 million accounts takes longer. */
  readonly holdLimitMs?: number;
  /** User requests that have failed since the start. */
  readonly failures: () => number;
  /** Whether nothing can be taken back any more. Default: never. */
  readonly isFinal?: () => boolean;
  readonly tell: (event: SampleEvent) => void;
  readonly signal: AbortSignal;
}

export type RampEnd = 'complete' | 'rolled-back';

export interface Ramp {
  model(): RampModel;
  /**
   * Resolves to how it ended: at the last step, or back at 0 % because user requests failed on the way. Rejects when it
   * is aborted, or cannot go on for a minute.
   */
  run(): Promise<RampEnd>;
  /**
   * After `complete`: resolves when user requests fail: `rolled-back` with the share back at 0 %, `complete` where nothing
   * can be taken back any more, which is told.
   */
  guard(): Promise<RampEnd>;
}

const usualHoldLimitMs = 60_000;
const holdPollMs = 200;
const watchPollMs = 50;

/** Walks through the steps, and goes back to 0 % by itself as soon as a user request fails. */
export function createRamp(options: RampOptions): Ramp {
  const { steps, stepMs, tell, signal, failures, holdLimitMs = usualHoldLimitMs } = options;
  const state = {
    phase: 'starting' as RampModel['phase'],
    at: -1,
    share: 0,
    until: undefined as number | undefined,
    reason: undefined as string | undefined,
    failuresBefore: 0,
    moving: false,
  };

  async function run(): Promise<RampEnd> {
    state.failuresBefore = failures();
    for (const [at, step] of steps.entries()) {
      await hold(() => options.trouble(step, steps[at - 1]));
      // Nothing is taken further, and least of all given up, while requests fail.
      if (failures() > state.failuresBefore) return takenBack();
      await hold(() => tried(() => move(step)));
      Object.assign(state, { phase: 'ramping', at, share: step.share, reason: undefined });
      tell({ event: 'step', step: at + 1, steps: steps.length, ...step });
      state.until = performance.now() + stepMs;
      if ((await failedUntil(state.until)) && (await takenBack()) === 'rolled-back') return 'rolled-back';
    }
    Object.assign(state, { phase: 'complete', until: undefined });
    tell({ event: 'ramp-complete' });
    return 'complete';
  }

  async function move(step: RampStep): Promise<void> {
    state.moving = true;
    try {
      await options.apply(step);
    } finally {
      state.moving = false;
    }
  }

  /** Waits while there is something in the way, and says so. */
  async function hold(look: () => Promise<string | undefined>): Promise<void> {
    const deadline = performance.now() + holdLimitMs;
    for (;;) {
      const reason = await look();
      signal.throwIfAborted();
      if (reason === undefined) return;
      if (performance.now() > deadline) throw new Error(`the ramp cannot go on: ${reason}`);
      if (reason !== state.reason || state.phase !== 'holding') tell({ event: 'holding', reason });
      Object.assign(state, { phase: 'holding', reason });
      await delay(holdPollMs, undefined, { signal });
    }
  }

  async function failedUntil(end: number): Promise<boolean> {
    while (performance.now() < end) {
      if (failures() > state.failuresBefore) return true;
      await delay(Math.max(1, Math.min(watchPollMs, end - performance.now())), undefined, { signal });
    }
    return failures() > state.failuresBefore;
  }

  function failedText(stage: Stage): string {
    const count = failures() - state.failuresBefore;
    return `${count} user ${count === 1 ? 'request' : 'requests'} failed at ${stage} ${state.share} %`;
  }

  /** As far as there is a way back. */
  async function takenBack(): Promise<RampEnd> {
    const { stage: reached = 'off' } = steps[state.at] ?? {};
    if (options.isFinal?.() !== true) {
      await rollBack(reached);
      return 'rolled-back';
    }
    const reason = failedText(reached);
    state.failuresBefore = failures();
    state.reason = reason;
    tell({ event: 'no-way-back', reason });
    return 'complete';
  }

  async function rollBack(reached: Stage): Promise<void> {
    // With the writes at the service no share has a say: they go back first, and the reads with them.
    const stage = stageTable[reached].reads === 'service' ? 'shadow' : reached;
    await hold(() => tried(() => move({ stage, share: 0 })));
    const reason = failedText(reached);
    Object.assign(state, { phase: 'rolled-back', share: 0, until: undefined, reason });
    tell({ event: 'rolled-back', reason });
  }

  return {
    run,
    async guard() {
      await failedUntil(Infinity);
      return takenBack();
    },
    model: () => ({
      phase: state.phase,
      stage: steps[Math.max(0, state.at)]?.stage ?? 'off',
      share: state.share,
      moving: state.moving,
      step: state.at + 1,
      steps: steps.length,
      secondsLeft:
        state.until === undefined ? undefined : Math.max(0, (state.until - performance.now()) / 1_000),
      reason: state.reason,
    }),
  };
}

async function tried(work: () => Promise<void>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
