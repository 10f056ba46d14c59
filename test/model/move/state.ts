import type { BothFacts, BucketFact, BucketState, StepName } from '#proxy/cutover/move/facts.types.ts';

// The small world that the explorer walks through: one row, two sides, their outboxes, whoever may sleep or die.
// A state is a few bytes, so that millions of them fit into a set. Side 0 is the monolith, side 1 the service.

export type SideIndex = 0 | 1;
export const sideIndexes = [0, 1] as const;
export const otherIndex = (side: SideIndex): SideIndex => (side === 0 ? 1 : 0);

const bucketStates: readonly BucketState[] = ['owner', 'fenced', 'follower'];
export const stepNames: readonly StepName[] = ['fence', 'commit', 'abort', 'reopen'];

const maxItems = 8;
const sideSize = 8;
const outboxAt = 2 * sideSize;
const outboxSize = 2 + 2 * maxItems;
const workersAt = outboxAt + 2 * outboxSize;
const size = workersAt + 24;

export type State = Uint8Array;

/** Kinds of what stands in an outbox. */
export const put = 1;
export const gone = 2;
export const marker = 3;

export interface Item {
  readonly epoch: number;
  readonly kind: number;
  /** Of the row that the item carries; 0 in a marker. */
  readonly version: number;
}

/** What a side holds of the row. Versions number the acknowledged writes; a deleted row keeps the version of its delete. */
export interface Row {
  readonly version: number;
  readonly present: boolean;
}

export const initialState = (writes: number): State => {
  const state = new Uint8Array(size);
  setFact(state, 0, { state: 'owner', epoch: 1, fencedAt: 0, drained: 0 });
  setFact(state, 1, { state: 'follower', epoch: 1, fencedAt: 0, drained: 0 });
  setRow(state, 0, { version: 1, present: true });
  setRow(state, 1, { version: 0, present: false });
  setTruth(state, { version: 1, present: true });
  setWritesLeft(state, writes);
  setRun(state, { open: true, done: false });
  return state;
};

const read = (state: State, at: number): number => state[at] as number;

export function factOf(state: State, side: SideIndex): BucketFact {
  const at = side * sideSize;
  return {
    state: bucketStates[read(state, at)] as BucketState,
    epoch: read(state, at + 1),
    fencedAt: read(state, at + 2),
    drained: read(state, at + 3),
  };
}

export function setFact(state: State, side: SideIndex, fact: BucketFact): void {
  state.set([bucketStates.indexOf(fact.state), fact.epoch, fact.fencedAt, fact.drained], side * sideSize);
}

export const factsOf = (state: State): BothFacts => ({
  monolith: factOf(state, 0),
  service: factOf(state, 1),
});

export const isOwner = (state: State, side: SideIndex): boolean => read(state, side * sideSize) === 0;

export const rowOf = (state: State, side: SideIndex): Row => ({
  version: read(state, side * sideSize + 4),
  present: read(state, side * sideSize + 5) === 1,
});

export function setRow(state: State, side: SideIndex, row: Row): void {
  state.set([row.version, row.present ? 1 : 0], side * sideSize + 4);
}

/** The newest version that this side has applied from the other: epoch and place in its outbox, from 1; 0: none. */
export const appliedOf = (state: State, side: SideIndex): { epoch: number; seq: number } => ({
  epoch: read(state, side * sideSize + 6),
  seq: read(state, side * sideSize + 7),
});

export function setApplied(state: State, side: SideIndex, epoch: number, seq: number): void {
  state.set([epoch, seq], side * sideSize + 6);
}

export const outboxLength = (state: State, side: SideIndex): number =>
  read(state, outboxAt + side * outboxSize);

/** Items that were delivered once; the next one comes in order, any of these may come again. */
export const delivered = (state: State, side: SideIndex): number =>
  read(state, outboxAt + side * outboxSize + 1);

export function setDelivered(state: State, side: SideIndex, count: number): void {
  state[outboxAt + side * outboxSize + 1] = count;
}

export function itemAt(state: State, side: SideIndex, index: number): Item {
  const at = outboxAt + side * outboxSize + 2 + 2 * index;
  const packed = read(state, at);
  return { epoch: packed >> 2, kind: packed & 3, version: read(state, at + 1) };
}

/** @returns whether there was room; the bounds of the exploration make sure of it */
export function append(state: State, side: SideIndex, item: Item): boolean {
  const base = outboxAt + side * outboxSize;
  const length = read(state, base);
  if (length >= maxItems) return false;
  state.set([(item.epoch << 2) | item.kind, item.version], base + 2 + 2 * length);
  state[base] = length + 1;
  return true;
}

/** An application's transaction that has written and not yet committed; `kind` 0: none. */
export const openWrite = (state: State, side: SideIndex): { kind: number; epoch: number } => ({
  kind: read(state, workersAt + 2 * side),
  epoch: read(state, workersAt + 2 * side + 1),
});

export function setOpenWrite(state: State, side: SideIndex, kind: number, epoch: number): void {
  state.set([kind, epoch], workersAt + 2 * side);
}

/** The writer at REPEATABLE READ: what its snapshot says of the side that it is about to write. */
export const snapshotOf = (state: State): { side: SideIndex; owner: boolean; epoch: number } | undefined => {
  const side = read(state, workersAt + 4);
  if (side === 0) return undefined;
  return {
    side: (side - 1) as SideIndex,
    owner: read(state, workersAt + 5) === 1,
    epoch: read(state, workersAt + 6),
  };
};

export function setSnapshot(
  state: State,
  taken: { side: SideIndex; owner: boolean; epoch: number } | undefined,
): void {
  state.set(
    taken === undefined ? [0, 0, 0] : [taken.side + 1, taken.owner ? 1 : 0, taken.epoch],
    workersAt + 4,
  );
}

/** The applier into `side` between its checks and its write: place in the other side's outbox, from 1; 0: none. */
export const applying = (state: State, side: SideIndex): number => read(state, workersAt + 7 + side);

export function setApplying(state: State, side: SideIndex, place: number): void {
  state[workersAt + 7 + side] = place;
}

/** What a backfill worker read and has not written yet; `undefined`: it has nothing in hand. */
export const inHand = (state: State): number => read(state, workersAt + 9);

export function setInHand(state: State, version: number): void {
  state[workersAt + 9] = version;
}

/** Whether the backfill may write, and whether it has been over the row. */
export const runOf = (state: State): { open: boolean; done: boolean } => ({
  open: read(state, workersAt + 10) === 1,
  done: read(state, workersAt + 11) === 1,
});

export function setRun(state: State, run: { open: boolean; done: boolean }): void {
  state.set([run.open ? 1 : 0, run.done ? 1 : 0], workersAt + 10);
}

/** How much stood in the monolith's outbox when the backfill last read the row; `undefined`: it never did. */
export function readUpTo(state: State): number | undefined {
  const packed = read(state, workersAt + 19);
  return packed === 0 ? undefined : packed - 1;
}

export function setReadUpTo(state: State, count: number): void {
  state[workersAt + 19] = count + 1;
}

/** How many of the monolith's changes were left to the backfill: the first ones, since only of an unknown row they are. */
export const leftUpTo = (state: State): number => read(state, workersAt + 20);

export function setLeftUpTo(state: State, count: number): void {
  state[workersAt + 20] = count;
}

/** Whether the service was completed: it captures nothing any more. */
export const isComplete = (state: State): boolean => read(state, workersAt + 21) === 1;

export function setComplete(state: State): void {
  state[workersAt + 21] = 1;
}

export interface Plan {
  readonly step: StepName;
  readonly from: SideIndex;
  readonly epoch: number;
}

/** The step that a controller has decided on and not taken yet. */
export function planOf(state: State, controller: number): Plan | undefined {
  const packed = read(state, workersAt + 12 + 2 * controller);
  if (packed === 0) return undefined;
  return {
    step: stepNames[(packed - 1) >> 1] as StepName,
    from: ((packed - 1) & 1) as SideIndex,
    epoch: read(state, workersAt + 13 + 2 * controller),
  };
}

export function setPlan(state: State, controller: number, plan: Plan | undefined): void {
  const packed = plan === undefined ? 0 : 1 + ((stepNames.indexOf(plan.step) << 1) | plan.from);
  state.set([packed, plan?.epoch ?? 0], workersAt + 12 + 2 * controller);
}

/** The last acknowledged write: what the owner must hold. */
export const truthOf = (state: State): Row => ({
  version: read(state, workersAt + 16),
  present: read(state, workersAt + 17) === 1,
});

export function setTruth(state: State, row: Row): void {
  state.set([row.version, row.present ? 1 : 0], workersAt + 16);
}

export const writesLeft = (state: State): number => read(state, workersAt + 18);

export function setWritesLeft(state: State, count: number): void {
  state[workersAt + 18] = count;
}

/** Which of the two controllers holds which plan makes no difference: the lower one first, so that fewer states look new. */
export function canonical(state: State): string {
  const at = workersAt + 12;
  const first = read(state, at) * 256 + read(state, at + 1);
  const second = read(state, at + 2) * 256 + read(state, at + 3);
  if (second < first) state.set([second >> 8, second & 255, first >> 8, first & 255], at);
  return Buffer.from(state.buffer, state.byteOffset, state.byteLength).toString('latin1');
}

export const restored = (key: string): State => new Uint8Array(Buffer.from(key, 'latin1'));
