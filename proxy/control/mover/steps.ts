import type { Side, Stage } from '#flags/stages.ts';
import type { BackfillProgress } from '#proxy/cutover/backfill/backfill.types.ts';
import type { Engine } from '#proxy/cutover/engine.types.ts';
import { completeReason } from '#proxy/cutover/move/completion.ts';
import { otherSide } from '#proxy/cutover/plan.ts';
import type { CutoverPlan } from '#proxy/cutover/plan.types.ts';
import type { Stream } from '#proxy/cutover/stream/start-stream.ts';
import type { ContinuousVerify } from '#proxy/cutover/verify/continuous.ts';
import type { Logger } from '#shared/telemetry/log.ts';
import type { MoverLimits } from './limits.ts';
import { startMoving, type Moving } from './moving.ts';
import type { MoverPhase, Verification } from './mover-status.ts';
import { pause } from './pause.ts';

/** What one run of the copy knows; made anew after each failure. */
export interface Run {
  readonly plan: CutoverPlan;
  readonly engine: Engine;
  readonly limits: MoverLimits;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** The stage that counts now. */
  readonly stage: () => Stage;
  /** How often stage and databases are looked at for moves, milliseconds. */
  readonly lookMs: number;
  owner: Side;
  readonly streams: Stream[];
  readonly progress: Map<string, BackfillProgress>;
  verification: Verification;
  continuous: ContinuousVerify | undefined;
  moving: Moving | undefined;
}

interface Step {
  /** @throws when the copy can't go on; see `MoverStop` for what is for good */
  readonly run: (run: Run) => Promise<void>;
  readonly next: MoverPhase;
}

export type ActivePhase = Extract<
  MoverPhase,
  'checking' | 'starting' | 'copying' | 'verifying' | 'following'
>;

/** The life of a copy. Each step can be done again after a crash anywhere in it. */
export const steps: Readonly<Record<ActivePhase, Step>> = {
  checking: { run: check, next: 'starting' },
  starting: { run: start, next: 'copying' },
  copying: { run: copy, next: 'verifying' },
  verifying: { run: verifyAll, next: 'following' },
  following: { run: follow, next: 'checking' },
};

/** Ends the copy until somebody has looked: the stage goes to off and comes back. */
export function moverStop(message: string): Error {
  return Object.assign(new Error(message), { name: 'MoverStop' });
}

export function isMoverStop(error: unknown): boolean {
  return Error.isError(error) && error.name === 'MoverStop';
}

/** The reason that stands in the database while the stage is `off`; any other one has to be looked at first. */
export const offReason = 'the stage is off';

const sides = ['monolith', 'service'] as const;

async function check({ plan, engine }: Run): Promise<void> {
  for (const side of sides) {
    const state = await engine.installed(plan, side);
    if (state === undefined)
      throw new Error(
        `the ${side} of ${plan.migration} has no gate and no capture that its role can see: run "banyan cutover install --migration ${plan.migration}", or correct the password in migrations.${plan.migration}.data.${side}.url`,
      );
    const [first] = state.differences;
    if (first !== undefined)
      throw new Error(
        `the installation on the ${side} of ${plan.migration} differs from the configuration: ${first}`,
      );
  }
}

async function start(run: Run): Promise<void> {
  const { plan, engine, log, signal, limits } = run;
  run.owner = await engine.ownerOf(plan);
  const { groups } = await engine.captureState(plan, run.owner);
  const stopped = groups.filter((group) => group.stopped !== undefined);
  const other = stopped.find((group) => group.stopped !== offReason);
  if (other?.stopped === completeReason)
    throw moverStop(
      `group ${other.group} of ${plan.migration} is complete, and another group of it is not: give what came later a migration of its own`,
    );
  if (other !== undefined)
    throw moverStop(
      `the capture of group ${other.group} was stopped: ${other.stopped}. Set the stage to off and back to begin anew.`,
    );
  if (stopped.length > 0) for (const side of sides) await engine.startCapture(plan, side);
  // What was written before the capture began was missed: the copy has a gap. It is told by the two databases, so a crash
  // in between, or an installation that was made anew, can't leave a backfill that counts as done beside a later capture.
  for (const from of sides) {
    const groups = await engine.beginAnew({ plan, from });
    if (groups.length > 0) log.info({ migration: plan.migration, from, groups }, 'the copy begins anew');
  }
  // Before the streams, which leave to the backfill what its chunks will bring.
  const to = otherSide(run.owner);
  if (await engine.needsCopy(plan, to)) await engine.openBackfill({ plan, to });
  const outbox = { bytes: limits.outboxBytes, ageMs: limits.outboxAgeMs };
  // Both ways: the one from the follower carries nothing until that side takes its first write.
  for (const from of sides) run.streams.push(await engine.startStream({ plan, from, log, signal, outbox }));
  // From here on, since a way back must not wait for a copy or a comparison. The way there does, by its own checks.
  run.moving = startMoving(run, { stage: run.stage, lookMs: run.lookMs });
}

async function copy(run: Run): Promise<void> {
  const { plan, engine, log, signal, progress, owner } = run;
  if (!(await engine.needsCopy(plan, otherSide(owner)))) return;
  const from = run.streams.find((stream) => stream.from === owner);
  await engine.startBackfill({
    plan,
    to: otherSide(owner),
    log,
    signal,
    lagMs: () => from?.status().lagMs ?? 0,
    ...(from === undefined ? {} : { reached: (snapshot: string) => from.drainedUpTo(snapshot) }),
    onProgress: (one) => void progress.set(one.dataset, one),
    settings: {
      workers: run.limits.workers,
      ...(run.limits.chunkRows === undefined ? {} : { chunkRows: run.limits.chunkRows }),
    },
  });
}

/** Differences that one round repairs at most, of one dataset. */
const repairedAtOnce = 10_000;
/** Rounds one after the other in which nothing could be repaired yet. */
const idleRounds = 20;

/** A copy that was begun anew finds rows that changed while nothing was captured: they are copied again. */
async function verifyAll(run: Run): Promise<void> {
  const { plan, engine, owner, signal, log } = run;
  const shards = new Map<string, { done: number; all: number; rows: number }>();
  let repaired = 0;
  let idle = 0;
  for (;;) {
    shards.clear();
    run.verification = { state: 'running', dataset: '', rows: 0, done: 0 };
    const report = await engine.verify({
      plan,
      owner,
      mode: 'live',
      signal,
      settings: { maxDifferences: repairedAtOnce, workers: run.limits.workers },
      onProgress({ dataset, shardsDone, shards: all, rows }) {
        shards.set(dataset, { done: shardsDone, all, rows });
        const datasets = Math.max(plan.groups.flatMap((group) => group.datasets).length, 1);
        const done = [...shards.values()].reduce((sum, part) => sum + part.done / Math.max(part.all, 1), 0);
        const seen = [...shards.values()].reduce((sum, part) => sum + part.rows, 0);
        run.verification = { state: 'running', dataset, rows: seen, done: Math.min(done / datasets, 1) };
      },
    });
    await engine.recordVerification(plan, report);
    const differences = report.datasets.reduce((sum, dataset) => sum + dataset.differences, 0);
    run.verification = {
      state: report.equal ? 'equal' : 'differs',
      at: new Date().toISOString(),
      rows: report.datasets.reduce((sum, dataset) => sum + dataset.rows, 0),
      differences,
      repaired,
      chanceOfMiss: report.chanceOfMiss,
    };
    if (report.equal) return;
    const mended = await engine.repair({
      plan,
      owner,
      differences: report.differences,
      dryRun: false,
      signal,
    });
    repaired += mended.repaired;
    log.warn({ migration: plan.migration, differences, repaired: mended.repaired }, 'rows were copied again');
    const moves =
      mended.repaired + mended.equalAlready + mended.failed.filter(({ code }) => code !== 'refused').length;
    idle = mended.repaired === 0 ? idle + 1 : 0;
    if (moves === 0 || idle > idleRounds) {
      log.error({ migration: plan.migration, differences }, 'the sides still differ');
      return;
    }
  }
}

const watchMs = 500;
const trimMs = 600_000;

async function follow(run: Run): Promise<void> {
  const { plan, engine, signal, log, limits } = run;
  let trimmedAt = performance.now();
  while (!signal.aborted) {
    const { owner } = run;
    run.continuous = engine.startContinuousVerify({
      plan,
      owner,
      within: limits.verifyWithinMs,
      log,
      signal,
    });
    while (!signal.aborted && run.owner === owner) {
      assertStreams(run);
      if (performance.now() - trimmedAt >= (limits.trimMs ?? trimMs)) {
        await engine.trimVersions({ plan, signal });
        await engine.trimAudit(plan);
        trimmedAt = performance.now();
      }
      await pause(watchMs, signal);
      // A move may have changed it: rows are compared with the owner's.
      if (!signal.aborted) run.owner = await engine.ownerOf(plan);
    }
    if (run.owner !== owner) await run.continuous.stop();
  }
}

/** A stream that ended for good: its outbox is over the limit, or a database was restored from before. */
export function assertStreams({ streams }: Pick<Run, 'streams'>): void {
  for (const { groups } of streams.map((stream) => stream.status()))
    for (const { state, failure } of groups)
      if (state === 'stopped' && failure !== undefined) {
        // A gap is no alarm: begun again from the first step, the copy begins anew.
        if (failure.code === 'capture-gap') throw new Error(failure.message);
        throw moverStop(failure.message);
      }
}
