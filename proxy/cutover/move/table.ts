import type { BucketFact, BucketState, StepName, StepSide } from './facts.types.ts';

// The protocol of a move, as data: this table is what the SQL of each step is made from, what the explorer in the tests
// walks through, and what `banyan cutover status` explains itself by. Epochs are relative to e, the epoch at which the
// move found both sides.

/**
 * One condition of a step. Each has a name, so that a test can take it out and show what then goes wrong.
 * - `state`, `epoch`, `drained`: of the row that is written, compared under the lock;
 * - `exclusive`: the bucket's lock is held alone, so no writer's or applier's transaction is open on that side;
 * - `seen`: what must have been read of the other side before; a fact that cannot become untrue within the move;
 * - `backfill-closed`: no worker of a backfill may still write;
 * - `not-complete`: the side that is written was not completed. It never is again once it was, and writes are not captured then.
 */
export type Guard =
  | { readonly name: string; readonly on: 'state'; readonly in: readonly BucketState[] }
  | { readonly name: string; readonly on: 'epoch' | 'drained'; readonly plus: number }
  | { readonly name: string; readonly on: 'exclusive' | 'backfill-closed' | 'not-complete' }
  | { readonly name: string; readonly on: 'seen'; readonly state: BucketState; readonly plus: number };

export interface Step {
  readonly side: StepSide;
  readonly guards: readonly Guard[];
  readonly becomes: {
    readonly state: BucketState;
    /** The new epoch is e plus this. */
    readonly epochPlus: number;
    /** Sets `fenced_at` to the new epoch, and forgets which versions this side had applied from before it. */
    readonly fences?: true;
    /** Puts the marker of the new epoch into this side's outbox, in the same transaction. */
    readonly marks?: true;
  };
}

export const moveSteps = {
  fence: {
    side: 'from',
    guards: [
      { name: 'fence: not complete', on: 'not-complete' },
      { name: 'fence: the backfill is closed', on: 'backfill-closed' },
      { name: 'fence: no open transaction', on: 'exclusive' },
      { name: 'fence: still owner', on: 'state', in: ['owner'] },
      { name: 'fence: at the epoch that was seen', on: 'epoch', plus: 0 },
    ],
    becomes: { state: 'fenced', epochPlus: 1, fences: true, marks: true },
  },
  /** The only commit point of a move. */
  commit: {
    side: 'to',
    guards: [
      { name: 'commit: no open transaction', on: 'exclusive' },
      { name: 'commit: not owner', on: 'state', in: ['fenced', 'follower'] },
      { name: 'commit: not aborted', on: 'epoch', plus: 0 },
      { name: 'commit: drained', on: 'drained', plus: 1 },
    ],
    becomes: { state: 'owner', epochPlus: 1 },
  },
  abort: {
    side: 'to',
    guards: [
      { name: 'abort: no open transaction', on: 'exclusive' },
      { name: 'abort: not owner', on: 'state', in: ['fenced', 'follower'] },
      { name: 'abort: not committed', on: 'epoch', plus: 0 },
      { name: 'abort: the other side is fenced', on: 'seen', state: 'fenced', plus: 1 },
    ],
    becomes: { state: 'follower', epochPlus: 2 },
  },
  reopen: {
    side: 'from',
    guards: [
      { name: 'reopen: no open transaction', on: 'exclusive' },
      { name: 'reopen: still fenced', on: 'state', in: ['fenced'] },
      { name: 'reopen: by this move', on: 'epoch', plus: 1 },
      { name: 'reopen: the other side has aborted', on: 'seen', state: 'follower', plus: 2 },
    ],
    becomes: { state: 'owner', epochPlus: 2 },
  },
} as const satisfies Readonly<Record<StepName, Step>>;

/** What lets one copied change count on the side that gets it; checked under the bucket's shared lock. */
export const applyGuards = {
  notOwner: 'apply: not owner',
  sinceFence: 'apply: not from before this side last gave up',
  newer: 'apply: newer than what is held',
} as const;

/** What lets a row of a backfill be written; checked while no apply runs. */
export const backfillGuards = {
  open: 'backfill: its run is open',
  notOwner: 'backfill: not owner',
  unknown: 'backfill: no version of the row was applied',
  /** A chunk may be newer than the changes that are still on their way: until they have passed, a row can go back. */
  caughtUp: 'backfill: closed when the stream has passed all that the chunks saw',
} as const;

/** What lets the stream leave a change to an open backfill instead of applying it; see stream/left-to-backfill.ts. */
export const leaveGuards = {
  unread: 'leave: no chunk of the dataset is read yet',
  unknown: 'leave: this side knows nothing of the row',
  once: 'leave: what was left does not come again',
} as const;

/** What lets an application's own write pass; checked under the bucket's shared lock, which is held to its end. */
export const gateGuards = {
  owner: 'gate: owner',
  fresh: 'gate: not by an old snapshot',
  shared: 'gate: the lock is held until the transaction ends',
} as const;

/** What lets a side be completed that keeps the data; checked in all its buckets' rows, which are held (`banyan.complete_groups`). */
export const completionGuards = {
  owner: 'complete: owner of every bucket',
} as const;

/** The guards that are looked at in the row itself, under the lock: what a compare-and-set compares. */
export function holdsInRow(guard: Guard, fact: BucketFact, epoch: number): boolean {
  if (guard.on === 'state') return guard.in.includes(fact.state);
  if (guard.on === 'epoch') return fact.epoch === epoch + guard.plus;
  if (guard.on === 'drained') return fact.drained === epoch + guard.plus;
  return true;
}

/** The row after a step of a move that began at `epoch`. */
export function factAfter(step: Step, fact: BucketFact, epoch: number): BucketFact {
  const next = epoch + step.becomes.epochPlus;
  return {
    ...fact,
    state: step.becomes.state,
    epoch: next,
    fencedAt: step.becomes.fences === true ? next : fact.fencedAt,
  };
}
