import { setTimeout as delay } from 'node:timers/promises';
import { stageTable, type Stage } from '#flags/stages.ts';
import { messageOf } from '#shared/errors/message.ts';
import type { SampleEvent } from './events.ts';
import type { RampModel } from './live-model.ts';

export interface RampStep {
  readonly stage: Stage;
  /** Part of the user reads that the service answers, in percent. */
  readonly share: number;
}

/**
 * Everything by the monolith, then written to both, then compared, then read from the service bit by bit. Then the data
 * move to the service, and all the way back: to the monolith, and to `off`, where nothing is copied any more. From there
 * forward again: copied anew, compared, and moved to the service.
 */
export const rampSteps: readonly RampStep[] = [
  { stage: 'off', share: 0 },
  { stage: 'dualwrite', share: 0 },
  ...[0, 1, 5, 10, 25, 50, 75, 100].map((share): RampStep => ({ stage: 'shadow', share })),
  { stage: 'live', share: 100 },
  { stage: 'rampdown', share: 100 },
  { stage: 'shadow', share: 100 },
  { stage: 'off', share: 0 },
  { stage: 'dualwrite', share: 0 },
  { stage: 'shadow', share: 100 },
  { stage: 'live', share: 100 },
  { stage: 'rampdown', share: 100 },
];

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
  readonly tell: (event: SampleEvent) => void;
  readonly signal: AbortSignal;
}

export interface Ramp {
  model(): RampModel;
  /**
   * Resolves to how it ended: at the last step, or back at 0 % because user requests failed on the way. Rejects when it
   * is aborted, or cannot go on for a minute.
   */
  run(): Promise<'complete' | 'rolled-back'>;
  /** After `complete`: resolves when user requests fail and the share is back at 0 %. */
  guard(): Promise<void>;
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

  async function run(): Promise<'complete' | 'rolled-back'> {
    state.failuresBefore = failures();
    for (const [at, step] of steps.entries()) {
      await hold(() => options.trouble(step, steps[at - 1]));
      await hold(() => tried(() => move(step)));
      Object.assign(state, { phase: 'ramping', at, share: step.share, reason: undefined });
      tell({ event: 'step', step: at + 1, steps: steps.length, ...step });
      state.until = performance.now() + stepMs;
      if (await failedUntil(state.until)) {
        await rollBack();
        return 'rolled-back';
      }
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

  async function rollBack(): Promise<void> {
    const { stage: reached = 'off' } = steps[state.at] ?? {};
    // With the writes at the service no share has a say: they go back first, and the reads with them.
    const stage = stageTable[reached].reads === 'service' ? 'shadow' : reached;
    await hold(() => tried(() => move({ stage, share: 0 })));
    const count = failures() - state.failuresBefore;
    const reason = `${count} user ${count === 1 ? 'request' : 'requests'} failed at ${reached} ${state.share} %`;
    Object.assign(state, { phase: 'rolled-back', share: 0, until: undefined, reason });
    tell({ event: 'rolled-back', reason });
  }

  return {
    run,
    async guard() {
      await failedUntil(Infinity);
      await rollBack();
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
