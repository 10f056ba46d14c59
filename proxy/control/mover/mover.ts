import { stageTable, type Stage } from '#flags/stages.ts';
import type { Engine } from '#proxy/cutover/engine.types.ts';
import { bothSides } from '#proxy/cutover/plan.ts';
import type { Stream } from '#proxy/cutover/stream/start-stream.ts';
import type { CutoverPlan } from '#proxy/cutover/plan.types.ts';
import { messageOf } from '#shared/errors/message.ts';
import type { Logger } from '#shared/telemetry/log.ts';
import { watchCompletion } from './completion-watch.ts';
import type { Leadership } from './leader.ts';
import type { MoverLimits } from './limits.ts';
import type { MoverPhase, MoverStatus } from './mover-status.ts';
import { pause } from './pause.ts';
import { isMoverStop, offReason, steps, type ActivePhase, type Run } from './steps.ts';

export interface Mover {
  status(): MoverStatus;
  /** What it carries now. */
  copy(): { readonly streams: readonly Stream[]; readonly phase: MoverPhase };
  /** Ends between two chunks; what is done stays done. */
  stop(): Promise<void>;
}

export interface MoverOptions {
  readonly plan: CutoverPlan;
  readonly limits: MoverLimits;
  readonly engine: Engine;
  readonly lead: (plan: CutoverPlan) => Promise<Leadership | undefined>;
  /** The stage that counts now. */
  readonly stage: () => Stage;
  readonly log: Logger;
  /** Pause before it is tried again, in milliseconds; doubled each time up to 30 times as much. Default 1,000. */
  readonly backoffMs?: number;
  /** How often the stage is looked at, in milliseconds; whether it is complete, a fifth as often. Default 200. */
  readonly lookMs?: number;
}

/** Whether a stage has a copy. `off` and `complete` have none once every bucket is where they want it. */
function copies(stage: Stage): boolean {
  return stageTable[stage].copied !== 'no';
}

/**
 * Brings the copy of one migration to where its stage wants it, and keeps it there until it is stopped: `dualwrite` and
 * later make it and follow it. At `off` it is dropped: writes are captured no more, and the next `dualwrite` begins anew.
 * (The rows that were copied stay where they are; what is wrong in them by then is found by verifying and copied again.)
 * Once the migration is complete the stage counts for nothing: there is no copy, and nothing is moved.
 */
export function startMover(options: MoverOptions): Mover {
  const { plan, log, backoffMs = 1_000, lookMs = 200 } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  let phase: MoverPhase = 'off';
  let since = new Date();
  let lastError: string | undefined;
  let run = freshRun(options, signal);
  let failures = 0;
  const completion = watchCompletion({ plan, engine: options.engine, everyMs: lookMs * 5 });

  const enter = (next: MoverPhase): void => {
    if (next === phase) return;
    phase = next;
    since = new Date();
    log.info({ migration: plan.migration, phase }, 'mover');
  };
  const failed = async (error: unknown): Promise<void> => {
    const message = messageOf(error);
    if (message !== lastError) log.error({ migration: plan.migration, err: error }, 'the copy is held up');
    lastError = message;
    enter('failed');
    await pause(backoffMs * Math.min(2 ** failures, 30), signal);
    failures += 1;
  };

  async function live(): Promise<void> {
    while (!signal.aborted) {
      const stage = options.stage();
      try {
        if (await completion.isComplete()) leave();
        else if (copies(stage) || (await hasMoves(stage))) {
          if (mayBeginAnew(stage)) await captureAgain(options);
          await withLead();
        } else if (stage === 'off') await rest();
        else enter('off');
      } catch (error) {
        if (signal.aborted) return;
        await failed(error);
        continue;
      }
      await pause(lookMs, signal);
    }
  }

  /** Somebody has looked: the stage came to `off` since it stopped. What is to come back first needs its writes captured. */
  function mayBeginAnew(stage: Stage): boolean {
    return phase === 'stopped' && stage === 'off' && stoppedAt !== 'off';
  }

  /** What `banyan cutover complete` has left is left alone. */
  function leave(): void {
    if (phase === 'complete') return;
    restedBefore = false;
    lastError = undefined;
    failures = 0;
    run = { ...freshRun(options, signal), owner: 'service', verification: run.verification };
    enter('complete');
  }

  /** Drops the copy, once; then only looks. */
  async function rest(): Promise<void> {
    if (phase === 'off' && lastError === undefined && failures === 0 && restedBefore) return;
    await dropCopy(options);
    restedBefore = true;
    lastError = undefined;
    failures = 0;
    run = freshRun(options, signal);
    enter('off');
  }
  let restedBefore = false;
  /** The last stage but `off` at which it was stopped; `off` where it stopped there. */
  let stoppedAt: Stage = 'off';

  /** The copy is needed until the last bucket is back; at `complete`, until the way back is given up. */
  async function hasMoves(stage: Stage): Promise<boolean> {
    if (restedBefore && stage === 'off') return false;
    const { engine } = options;
    for (const side of bothSides) if ((await engine.installed(plan, side)) === undefined) return false;
    if (stage === 'complete') return true;
    return (await engine.wantedMoves(plan, stage)).length > 0;
  }

  async function withLead(): Promise<void> {
    const leadership = await options.lead(plan);
    if (leadership === undefined) {
      enter('standby');
      await pause(lookMs * 5, signal);
      return;
    }
    restedBefore = false;
    const stageGone = new AbortController();
    const watch = setInterval(() => {
      const stage = options.stage();
      // While it is stopped nothing can be moved, and `off` is how it is begun anew.
      if (phase === 'stopped' && stage !== 'off') stoppedAt = stage;
      const isDone = phase === 'stopped' ? mayBeginAnew(stage) : run.moving?.settledAt() === stage;
      if (!copies(stage) && stage !== 'complete' && isDone) stageGone.abort();
      void completion.isComplete().then((isOver) => {
        if (isOver) stageGone.abort();
      });
    }, lookMs);
    const ending = AbortSignal.any([signal, leadership.signal, stageGone.signal]);
    run = { ...freshRun(options, ending), verification: run.verification };
    try {
      await walk(run, ending);
    } catch (error) {
      if (!ending.aborted || (leadership.signal.aborted && !signal.aborted && !stageGone.signal.aborted)) {
        if (!isMoverStop(error)) throw error;
        await stopForGood(error, ending);
      }
    } finally {
      clearInterval(watch);
      await closeRun(run);
      await leadership.release().catch(() => undefined);
    }
  }

  async function walk(current: Run, ending: AbortSignal): Promise<void> {
    let next: MoverPhase = 'checking';
    while (!ending.aborted && isActive(next)) {
      enter(next);
      await steps[next].run(current);
      failures = 0;
      lastError = undefined;
      next = steps[next].next;
    }
  }

  /** The applications' writes go on; only the copy has ended. */
  async function stopForGood(reason: unknown, ending: AbortSignal): Promise<void> {
    lastError = messageOf(reason);
    log.error(
      { migration: plan.migration, err: reason },
      'the copy is stopped until the stage goes to off and back',
    );
    await options.engine.stopCapture(plan, run.owner, lastError).catch(() => undefined);
    await closeRun(run);
    stoppedAt = options.stage();
    enter('stopped');
    while (!ending.aborted) await pause(lookMs, ending);
  }

  const living = live();
  return {
    status: () => statusOf({ options, run, phase, since, lastError, complete: completion.known() }),
    copy: () => ({ streams: run.streams, phase }),
    async stop() {
      stopping.abort();
      await living;
    },
  };
}

function isActive(phase: MoverPhase): phase is ActivePhase {
  return Object.hasOwn(steps, phase);
}

function freshRun(
  { plan, engine, limits, log, stage, lookMs = 200 }: MoverOptions,
  signal: AbortSignal,
): Run {
  return {
    plan,
    engine,
    limits,
    log,
    signal,
    stage,
    lookMs,
    owner: 'monolith',
    streams: [],
    progress: new Map(),
    verification: { state: 'none' },
    continuous: undefined,
    moving: undefined,
  };
}

async function closeRun(run: Run): Promise<void> {
  // Before the streams, which a move needs to its end.
  await run.moving?.stop();
  await run.continuous?.stop();
  await Promise.all(run.streams.splice(0).map((stream) => stream.stop()));
}

/** Of sides whose capture had to be looked at; the copy begins anew then, since it has a gap. */
async function captureAgain({ plan, engine }: MoverOptions): Promise<void> {
  for (const side of bothSides) {
    const { groups } = await engine.captureState(plan, side);
    if (groups.some(({ stopped }) => stopped !== undefined && stopped !== offReason))
      await engine.startCapture(plan, side);
  }
}

/** Nothing installed, nothing to drop. */
async function dropCopy({ plan, engine }: MoverOptions): Promise<void> {
  for (const side of bothSides) {
    if ((await engine.installed(plan, side)) === undefined) continue;
    const { groups } = await engine.captureState(plan, side);
    const alarmed = groups.some(({ stopped }) => stopped !== undefined && stopped !== offReason);
    // A reason that had to be looked at has been, by whoever set the stage to off.
    if (alarmed) await engine.startCapture(plan, side);
    if (alarmed || groups.some(({ stopped }) => stopped === undefined))
      await engine.stopCapture(plan, side, offReason);
  }
}

function statusOf({
  options,
  run,
  phase,
  since,
  lastError,
  complete,
}: {
  readonly options: MoverOptions;
  readonly run: Run;
  readonly phase: MoverPhase;
  readonly since: Date;
  readonly lastError: string | undefined;
  readonly complete: boolean | undefined;
}): MoverStatus {
  const streams = run.streams.map((stream) => stream.status());
  const fromOwner = streams.find(({ from }) => from === run.owner);
  return {
    migration: options.plan.migration,
    stage: options.stage(),
    phase,
    since: since.toISOString(),
    complete,
    waitsFor:
      complete === false && options.stage() === 'complete'
        ? `banyan cutover complete --migration ${options.plan.migration}`
        : undefined,
    owner: run.owner,
    progress: [...run.progress.values()],
    lagMs: fromOwner?.lagMs,
    parked: streams.reduce((sum, { parked }) => sum + parked, 0),
    streams,
    verification: run.verification,
    continuous: run.continuous?.status(),
    moves: run.moving?.status(),
    lastError,
  };
}
