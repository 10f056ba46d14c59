import { setTimeout as delay } from 'node:timers/promises';
import type { Side } from '#flags/stages.ts';
import { messageOf } from '#shared/errors/message.ts';
import { otherSide } from '../plan.ts';
import { describeStanding } from './describe-standing.ts';
import type { DrainWatch } from './drain-watch.ts';
import { holdersOf } from './holders.ts';
import type { BucketEnd, BucketOutcome, MoveBounds, StepTaken } from './move.types.ts';
import type { OpenCopies } from './open-copies.ts';
import { readStandings, type BucketStanding, type SidePools } from './read-facts.ts';
import { nextStep, type NextStep, type Standing } from './standing.ts';
import { moveSteps, type Step } from './table.ts';
import { takeStep } from './take-step.ts';

export interface BucketMoveContext {
  readonly pools: SidePools;
  readonly group: string;
  /** The group's number on each side. */
  readonly groupIds: Readonly<Record<Side, number>>;
  readonly to: Side;
  readonly by: string;
  readonly bounds: MoveBounds;
  readonly drains: DrainWatch;
  readonly openCopies: OpenCopies;
  /** Where the buckets stood when the call began; each is taken once, since every step compares what it finds. */
  readonly first: Map<number, BucketStanding>;
  readonly signal: AbortSignal;
  readonly onStep: (step: StepTaken) => void;
}

/** What one controller remembers of a bucket while it moves it. Nothing of it is needed to go on: that is in the databases. */
interface Memory {
  /** By performance.now(). */
  writesHeldSince: number | undefined;
  fencedSince: number | undefined;
  committedAt: number | undefined;
  tryingSince: number;
  undone: boolean;
  lastProblem: string;
  blockers: readonly string[];
}

const firstPauseMs = 20;
const longestPauseMs = 1_000;

/**
 * Brings one bucket to where it is wished, from whatever state it is found in, and ends in bounded time while both
 * databases answer. Every round looks at both sides and takes the one step that follows; a step whose answer was lost, or
 * that another controller took, is seen by the next round.
 */
export async function moveBucket(context: BucketMoveContext, bucket: number): Promise<BucketOutcome> {
  const { bounds, signal, to } = context;
  const memory: Memory = {
    writesHeldSince: undefined,
    fencedSince: undefined,
    committedAt: undefined,
    tryingSince: performance.now(),
    undone: false,
    lastProblem: '',
    blockers: [],
  };
  let pauseMs = firstPauseMs;
  for (;;) {
    let stands: Standing | undefined;
    try {
      const found = await standingOf(context, bucket);
      stands = found.stands;
      const ended = endOf(stands, to, memory);
      if (ended !== undefined) return outcome(bucket, ended, memory);
      if (await round(context, found, memory)) {
        pauseMs = firstPauseMs;
        memory.tryingSince = performance.now();
        // The commit point: nothing that could be looked at makes it otherwise.
        if (memory.committedAt !== undefined) return outcome(bucket, 'moved', memory);
        continue;
      }
    } catch (error) {
      memory.lastProblem = messageOf(error);
      // What was read before a fence of ours says nothing any more.
      if (memory.fencedSince !== undefined) stands = undefined;
    }
    const isFenced = stands?.kind === 'undecided' || stands?.kind === 'aborted';
    if (stands === undefined || !isFenced || memory.lastProblem !== '') {
      const isOver = performance.now() - memory.tryingSince > bounds.giveUpMs;
      if (isOver || signal.aborted) {
        const end =
          isFenced || (stands === undefined && memory.fencedSince !== undefined) ? 'undecided' : 'given-up';
        return outcome(bucket, end, memory);
      }
      await delay(pauseMs, undefined, { signal }).catch(() => undefined);
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    }
  }
}

async function standingOf(
  { pools, group, first }: BucketMoveContext,
  bucket: number,
): Promise<BucketStanding> {
  const known = first.get(bucket);
  first.delete(bucket);
  if (known !== undefined) return known;
  const [found] = await readStandings(pools, group, [bucket]);
  if (found === undefined) throw new Error('it changes too fast to be looked at, or is not installed');
  return found;
}

function endOf(stands: Standing, to: Side, memory: Memory): BucketEnd | undefined {
  if (stands.kind === 'at-rest' && stands.owner === to) return 'moved';
  if (stands.kind === 'at-rest' && memory.undone) return 'undone';
  return undefined;
}

/** @returns whether something changed, so that it is worth to look again at once */
async function round(
  context: BucketMoveContext,
  { bucket, stands, facts }: BucketStanding,
  memory: Memory,
): Promise<boolean> {
  const { to, bounds, signal } = context;
  memory.lastProblem = '';
  if (stands.kind === 'split' || stands.kind === 'unknown') {
    memory.lastProblem = describeStanding(stands, facts);
    return false;
  }
  const pastBound =
    stands.kind === 'undecided' && (await isPastBound(context, { bucket, from: stands.from }, memory));
  const next = nextStep(stands, { owner: to, pastBound });
  if (next === undefined) {
    if (stands.kind === 'undecided')
      await context.drains.wait(otherSide(stands.from), bucket, stands.epoch + 1);
    return stands.kind === 'undecided';
  }
  // Nothing is begun any more; what was begun is ended.
  if (next.step === 'fence' && signal.aborted) {
    memory.lastProblem = 'stopped before it began';
    return false;
  }
  if (next.step === 'fence' && (await context.openCopies.isOpen())) {
    memory.lastProblem = 'a copy of the group is open';
    return false;
  }
  const step: Step = moveSteps[next.step];
  const side = step.side === 'from' ? next.from : otherSide(next.from);
  const began = performance.now();
  const result = await takeStep(
    context.pools[side],
    {
      step: next.step,
      group: context.group,
      groupId: context.groupIds[side],
      bucket,
      epoch: next.epoch,
      holdMs: bounds.holdMs,
      by: context.by,
    },
    facts[otherSide(side)],
  );
  if (result === 'held') {
    memory.blockers = await holdersOf(context.pools[side], context.group, bucket);
    memory.lastProblem = `held on the ${side} for longer than ${bounds.holdMs} ms`;
    return false;
  }
  if (result === 'taken') {
    noteStep(context, { bucket, next, began }, memory);
    if (next.step === 'fence') await commitOwnFence(context, { bucket, next }, memory);
  }
  // Another controller was faster, or a copy was begun in between.
  else memory.lastProblem = `the ${next.step} found another state than was read`;
  return result === 'taken';
}

/** Right behind one's own fence the commit needs no look at both sides before it: writes wait. It fails by its guards alone. */
async function commitOwnFence(
  context: BucketMoveContext,
  { bucket, next }: { readonly bucket: number; readonly next: NextStep },
  memory: Memory,
): Promise<void> {
  const { pools, group, groupIds, bounds, by, drains } = context;
  const { from, epoch } = next;
  const to = otherSide(from);
  await drains.wait(to, bucket, epoch + 1);
  const request = {
    step: 'commit',
    group,
    groupId: groupIds[to],
    bucket,
    epoch,
    holdMs: bounds.holdMs,
    by,
  } as const;
  const began = performance.now();
  if ((await takeStep(pools[to], request, undefined)) !== 'taken') return;
  noteStep(context, { bucket, next: { ...next, step: 'commit' }, began }, memory);
  memory.committedAt = performance.now();
}

function noteStep(
  { onStep }: BucketMoveContext,
  { bucket, next, began }: { readonly bucket: number; readonly next: NextStep; readonly began: number },
  memory: Memory,
): void {
  const { step, epoch } = next;
  if (step === 'fence') {
    memory.writesHeldSince = began;
    memory.fencedSince = performance.now();
    memory.blockers = [];
  }
  if (step === 'abort' || step === 'reopen') memory.undone = true;
  onStep({ bucket, step, epoch: epoch + moveSteps[step].becomes.epochPlus });
}

function outcome(bucket: number, end: BucketEnd, memory: Memory): BucketOutcome {
  const { writesHeldSince, committedAt = performance.now(), blockers, lastProblem } = memory;
  const reasons: Readonly<Record<BucketEnd, string>> = {
    moved: '',
    undone: 'the other side had not got everything within the bound; the old owner writes on',
    'given-up': [lastProblem, ...blockers].filter((text) => text !== '').join('; '),
    undecided: `fenced, and a side does not answer (${lastProblem}); the next controller that reaches both ends it`,
  };
  return {
    bucket,
    end,
    reason: reasons[end],
    pauseMs: end === 'moved' && writesHeldSince !== undefined ? committedAt - writesHeldSince : undefined,
  };
}

/** A move that another controller began is as old as its fence's entry in the audit, by that database's clock. */
async function isPastBound(
  { pools, group, bounds }: BucketMoveContext,
  { bucket, from }: { readonly bucket: number; readonly from: Side },
  memory: Memory,
): Promise<boolean> {
  if (memory.fencedSince === undefined) {
    const { rows } = await pools[from].query<{ age: string | null }>(
      `select (extract(epoch from clock_timestamp() - at) * 1000)::bigint as age from banyan.audit
       where group_name = $1 and bucket = $2 and action = 'fence' order by audit_id desc limit 1`,
      [group, bucket],
    );
    memory.fencedSince = performance.now() - Number(rows[0]?.age ?? 0);
  }
  return performance.now() - memory.fencedSince > bounds.withinMs;
}
