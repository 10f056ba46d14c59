import { stageTable, type Side, type Stage } from '#flags/stages.ts';
import { isMoveRefused } from '#proxy/cutover/move/move.ts';
import type { MoveLook } from '#proxy/cutover/move/look.ts';
import type { MoveReport } from '#proxy/cutover/move/move.types.ts';
import type { Alarm } from '#proxy/cutover/move/split-watch.ts';
import type { WantedMove } from '#proxy/cutover/move/wanted.ts';
import { messageOf } from '#shared/errors/message.ts';
import type { Run } from './steps.ts';
import { pause } from './pause.ts';

/** What the mover's moves have come to. */
export interface MovesStatus {
  /** `none`: every bucket is where it is wished. `held-up`: see `problem`; tried again all the time. */
  readonly state: 'none' | 'moving' | 'held-up';
  readonly to: Side | undefined;
  readonly problem: string | undefined;
  readonly last: LastMove | undefined;
  /** Buckets whose two sides contradict each other. */
  readonly alarms: readonly Alarm[];
}

export interface LastMove extends Pick<MoveReport, 'group' | 'to' | 'pause' | 'tookMs'> {
  /** ISO 8601. */
  readonly at: string;
  readonly moved: number;
  readonly unmoved: number;
}

export interface Moving {
  status(): MovesStatus;
  /** The stage at which nothing was left to move at the last look. */
  settledAt(): Stage | undefined;
  /** Ends what was begun, begins nothing more. */
  stop(): Promise<void>;
}

const nothing: MovesStatus = {
  state: 'none',
  to: undefined,
  problem: undefined,
  last: undefined,
  alarms: [],
};

/**
 * Brings every bucket to where the stage, or a command, wants it, and watches for splits, for as long as the streams run. A
 * flag that goes back is heard between two buckets.
 */
export function startMoving(
  run: Pick<Run, 'plan' | 'engine' | 'log' | 'signal'>,
  options: { readonly stage: () => Stage; readonly lookMs: number },
): Moving {
  const { plan, engine, log } = run;
  const { stage, lookMs } = options;
  const stopping = new AbortController();
  const signal = AbortSignal.any([run.signal, stopping.signal]);
  let status = nothing;
  let settledAt: Stage | undefined;

  const live = async (): Promise<void> => {
    const sides = engine.openLook(plan);
    while (!signal.aborted) {
      try {
        await look(sides);
      } catch (error) {
        heldUp(messageOf(error));
      }
      await pause(status.state === 'held-up' ? lookMs * 5 : lookMs, signal);
    }
    await sides.close();
  };

  async function look(sides: MoveLook): Promise<void> {
    const alarms = await sides.closeSplits('split watch');
    for (const alarm of alarms)
      if (
        !status.alarms.some(
          ({ bucket, group, message }) =>
            bucket === alarm.bucket && group === alarm.group && message === alarm.message,
        )
      )
        log.error(
          { migration: plan.migration, ...alarm },
          'two sides contradict each other on who owns a bucket',
        );
    status = { ...status, alarms };
    const now = stage();
    const wanted = await sides.wantedMoves(now);
    if (wanted.length === 0) {
      status = { ...status, state: 'none', to: undefined, problem: undefined };
      settledAt = now;
      return;
    }
    settledAt = undefined;
    for (const move of wanted) {
      if (signal.aborted || stageTable[stage()].writes !== stageTable[now].writes) return;
      await moveWhile(now, move);
    }
  }

  async function moveWhile(now: Stage, move: WantedMove): Promise<void> {
    const changed = new AbortController();
    const watch = setInterval(() => {
      if (stageTable[stage()].writes !== stageTable[now].writes) changed.abort();
    }, 50);
    status = { ...status, state: 'moving', to: move.to };
    try {
      const by = `flag of ${plan.migration}: ${now}`;
      const ending = AbortSignal.any([signal, changed.signal]);
      const report = await engine.moveBuckets({ ...move, plan, by, log, signal: ending });
      const { group, to, tookMs, pause: paused } = report;
      const unmoved = report.outcomes.filter(({ end }) => end !== 'moved');
      const last = {
        group,
        to,
        pause: paused,
        tookMs,
        at: new Date().toISOString(),
        moved: report.outcomes.length - unmoved.length,
        unmoved: unmoved.length,
      };
      status = { ...status, last };
      const [first] = unmoved;
      if (first === undefined) status = { ...status, problem: undefined };
      else heldUp(`bucket ${first.bucket} of ${group}: ${first.reason}`);
    } catch (error) {
      if (!isMoveRefused(error)) throw error;
      heldUp(error.message);
    } finally {
      clearInterval(watch);
    }
  }

  function heldUp(problem: string): void {
    if (problem !== status.problem) log.warn({ migration: plan.migration, problem }, 'a move is held up');
    status = { ...status, state: 'held-up', problem };
  }

  const living = live();
  return {
    status: () => status,
    settledAt: () => settledAt,
    async stop() {
      stopping.abort();
      await living;
    },
  };
}
