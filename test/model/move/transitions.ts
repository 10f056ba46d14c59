import {
  applyGuards,
  backfillGuards,
  completionGuards,
  factAfter,
  gateGuards,
  holdsInRow,
  leaveGuards,
  type Guard,
  type Step,
} from '#proxy/cutover/move/table.ts';
import { nextStep, standing } from '#proxy/cutover/move/standing.ts';
import type { Side } from '#flags/stages.ts';
import type { StepName } from '#proxy/cutover/move/facts.types.ts';
import * as world from './state.ts';
import { otherIndex, sideIndexes, type Plan, type SideIndex, type State } from './state.ts';

/** One thing that happens, and the state after it; `broken`: the invariant that the step itself broke. */
export interface Happening {
  readonly label: string;
  readonly state: State;
  readonly broken?: string;
}

export interface Bounds {
  /** No move begins at this epoch or beyond. */
  readonly lastEpoch: number;
  /** Names of guards that are taken out. */
  readonly without: ReadonlySet<string>;
  /** The table of steps; another one only to show what goes wrong with it. */
  readonly steps: Readonly<Record<StepName, Step>>;
  /** Whether somebody may complete the migration, at any moment. */
  readonly completes: boolean;
}

const names = ['monolith', 'service'] as const satisfies readonly Side[];

/** Everything that can happen next. */
export function happenings(state: State, bounds: Bounds): Happening[] {
  return [
    ...writers(state, bounds),
    ...appliers(state, bounds),
    ...leaves(state, bounds),
    ...backfill(state, bounds),
    ...controllers(state, bounds),
    ...completion(state, bounds),
  ];
}

function after(state: State, change: (next: State) => void): State {
  const next = Uint8Array.from(state);
  change(next);
  return next;
}

// Applications: one writes at READ COMMITTED, one at REPEATABLE READ with a snapshot that may be old. Any of them may try
// any side at any time, as a stale proxy does. The row's own lock lets one write at a time.

function* writers(state: State, { without }: Bounds): Generator<Happening> {
  for (const side of sideIndexes) {
    const open = world.openWrite(state, side);
    if (open.kind !== 0) {
      yield {
        label: `write on ${names[side]} commits`,
        state: after(state, (next) => commitWrite(next, side)),
      };
      continue;
    }
    if (world.writesLeft(state) === 0) continue;
    const { epoch } = world.factOf(state, side);
    const owner = world.isOwner(state, side);
    if (owner || without.has(gateGuards.owner)) yield* begins(state, side, epoch);
    const snapshot = world.snapshotOf(state);
    if (snapshot === undefined && owner) {
      yield {
        label: `a snapshot is taken on ${names[side]}`,
        state: after(state, (next) => world.setSnapshot(next, { side, owner, epoch })),
      };
    } else if (snapshot?.side === side) {
      // FOR SHARE on a state row that changed after the snapshot is a serialization failure: the writer begins anew.
      const changed = snapshot.epoch !== epoch || snapshot.owner !== owner;
      const done = after(state, (next) => world.setSnapshot(next, undefined));
      if (changed && !without.has(gateGuards.fresh)) yield { label: 'serialization failure', state: done };
      else if (snapshot.owner) yield* begins(done, side, snapshot.epoch);
    }
  }
}

function* begins(state: State, side: SideIndex, epoch: number): Generator<Happening> {
  const kinds = world.rowOf(state, side).present ? [world.put, world.gone] : [world.put];
  for (const kind of kinds) {
    const word = kind === world.put ? 'write' : 'delete';
    yield {
      label: `${word} on ${names[side]} passes the gate at epoch ${epoch}`,
      state: after(state, (next) => {
        world.setOpenWrite(next, side, kind, epoch);
        world.setWritesLeft(next, world.writesLeft(next) - 1);
      }),
    };
  }
}

function commitWrite(next: State, side: SideIndex): void {
  const { kind, epoch } = world.openWrite(next, side);
  const row = { version: world.truthOf(next).version + 1, present: kind === world.put };
  world.setOpenWrite(next, side, 0, 0);
  world.setRow(next, side, row);
  world.setTruth(next, row);
  if (side === 1 && world.isComplete(next)) return;
  world.append(next, side, { epoch, kind, version: row.version });
}

// Copying: the next item in order, or any that was delivered once, again. An applier checks under the shared lock, may
// sleep, and then writes.

function* appliers(state: State, { without }: Bounds): Generator<Happening> {
  for (const side of sideIndexes) {
    const source = otherIndex(side);
    const held = world.applying(state, side);
    if (held > 0) {
      yield applies(state, { side, place: held, without });
      continue;
    }
    const last = Math.min(world.delivered(state, source) + 1, world.outboxLength(state, source));
    // What was left is not noted, so the transport must bring nothing again that its position has passed.
    const gone = source === 0 && !without.has(leaveGuards.once) ? world.leftUpTo(state) : 0;
    for (let place = gone + 1; place <= last; place += 1) {
      const item = world.itemAt(state, source, place - 1);
      const fact = world.factOf(state, side);
      const mayWrite = fact.state !== 'owner' || without.has(applyGuards.notOwner);
      if (item.kind === world.marker) {
        const next = after(state, (changed) => {
          advance(changed, source, place);
          if (mayWrite && item.epoch > fact.drained)
            world.setFact(changed, side, { ...fact, drained: item.epoch });
        });
        yield { label: `marker ${item.epoch} reaches ${names[side]}`, state: next };
      } else if (mayWrite && (item.epoch >= fact.fencedAt || without.has(applyGuards.sinceFence))) {
        yield {
          label: `change ${place} of ${names[source]} is checked on ${names[side]}`,
          state: after(state, (next) => world.setApplying(next, side, place)),
        };
      } else if (place > world.delivered(state, source)) {
        yield {
          label: `change ${place} of ${names[source]} does not count on ${names[side]}`,
          state: after(state, (next) => advance(next, source, place)),
        };
      }
    }
  }
}

function applies(
  state: State,
  { side, place, without }: { side: SideIndex; place: number; without: ReadonlySet<string> },
): Happening {
  const source = otherIndex(side);
  const item = world.itemAt(state, source, place - 1);
  const held = world.appliedOf(state, side);
  const newer = item.epoch > held.epoch || (item.epoch === held.epoch && place > held.seq);
  const counts = newer || without.has(applyGuards.newer);
  const next = after(state, (changed) => {
    world.setApplying(changed, side, 0);
    advance(changed, source, place);
    if (!counts) return;
    world.setRow(changed, side, { version: item.version, present: item.kind === world.put });
    world.setApplied(changed, side, item.epoch, place);
  });
  const label = `change ${place} of ${names[source]} ${counts ? 'is applied' : 'is old'} on ${names[side]}`;
  if (counts && world.isOwner(state, side))
    return { label, state: next, broken: 'I7: the applier wrote an owned bucket' };
  return { label, state: next };
}

function advance(next: State, source: SideIndex, place: number): void {
  if (place > world.delivered(next, source)) world.setDelivered(next, source, place);
}

/** The next change may be left to the backfill, which will read what it led to: its chunk comes after it. */
function* leaves(state: State, { without }: Bounds): Generator<Happening> {
  const place = world.delivered(state, 0) + 1;
  if (place > world.outboxLength(state, 0) || world.applying(state, 1) > 0) return;
  if (!world.runOf(state).open || world.itemAt(state, 0, place - 1).kind === world.marker) return;
  if (world.readUpTo(state) !== undefined && !without.has(leaveGuards.unread)) return;
  const isKnown = world.appliedOf(state, 1).epoch > 0 || world.rowOf(state, 1).present;
  if (isKnown && !without.has(leaveGuards.unknown)) return;
  yield {
    label: `change ${place} of monolith is left to the backfill`,
    state: after(state, (next) => {
      advance(next, 0, place);
      world.setLeftUpTo(next, place);
    }),
  };
}

// The backfill copies from the monolith to the service. Its worker may sleep between reading and writing; it and the
// applier exclude each other while they write.

function* backfill(state: State, { without }: Bounds): Generator<Happening> {
  const run = world.runOf(state);
  const held = world.inHand(state);
  if (held === 0 && run.open) {
    const row = world.rowOf(state, 0);
    yield {
      label: 'the backfill reads the row',
      state: after(state, (next) => {
        world.setReadUpTo(next, world.outboxLength(next, 0));
        if (row.present) world.setInHand(next, row.version);
        else world.setRun(next, { ...run, done: true });
      }),
    };
  }
  const idle = world.applying(state, 1) === 0;
  if (held > 0 && idle) {
    const allowed =
      (run.open || without.has(backfillGuards.open)) &&
      (!world.isOwner(state, 1) || without.has(backfillGuards.notOwner)) &&
      (world.appliedOf(state, 1).epoch === 0 || without.has(backfillGuards.unknown)) &&
      !world.rowOf(state, 1).present;
    yield {
      label: allowed ? `the backfill writes version ${held}` : 'the backfill writes nothing',
      state: after(state, (next) => {
        world.setInHand(next, 0);
        if (allowed) world.setRow(next, 1, { version: held, present: true });
        world.setRun(next, { ...run, done: true });
      }),
    };
  }
  const caughtUp =
    world.delivered(state, 0) >= (world.readUpTo(state) ?? 0) || without.has(backfillGuards.caughtUp);
  if (run.open && run.done && idle && caughtUp) {
    yield {
      label: 'the backfill is closed',
      state: after(state, (next) => world.setRun(next, { ...run, open: false })),
    };
  }
}

// Completing takes the rows of the buckets, first those of the service; the monolith then knows where its buckets went.

function* completion(state: State, { completes, without }: Bounds): Generator<Happening> {
  if (!completes) return;
  if (world.isComplete(state)) {
    const fact = world.factOf(state, 0);
    if (fact.state === 'fenced')
      yield {
        label: 'the monolith is completed',
        state: after(state, (next) => world.setFact(next, 0, { ...fact, state: 'follower' })),
      };
    return;
  }
  if (!world.isOwner(state, 1) && !without.has(completionGuards.owner)) return;
  yield { label: 'the migration is completed', state: after(state, world.setComplete) };
}

// Two controllers: each reads both sides, decides, and may take its step much later, or never.

function* controllers(state: State, bounds: Bounds): Generator<Happening> {
  for (const controller of [0, 1]) {
    const plan = world.planOf(state, controller);
    if (plan === undefined) {
      for (const decided of decisions(state, bounds)) {
        yield {
          label: `controller decides: ${decided.step} from ${names[decided.from]} at epoch ${decided.epoch}`,
          state: after(state, (next) => world.setPlan(next, controller, decided)),
        };
      }
      continue;
    }
    yield {
      label: 'a controller dies',
      state: after(state, (next) => world.setPlan(next, controller, undefined)),
    };
    const step = bounds.steps[plan.step];
    const side = step.side === 'from' ? plan.from : otherIndex(plan.from);
    const allowed = step.guards.every(
      (guard) =>
        bounds.without.has(guard.name) || holds(guard, { state, side, plan, without: bounds.without }),
    );
    if (!allowed) continue;
    yield {
      label: `${plan.step} on ${names[side]} at epoch ${plan.epoch}`,
      state: after(state, (next) => {
        world.setPlan(next, controller, undefined);
        take(next, { step, side, epoch: plan.epoch });
      }),
    };
  }
}

interface Check {
  readonly state: State;
  readonly side: SideIndex;
  readonly plan: Plan;
  readonly without: ReadonlySet<string>;
}

function holds(guard: Guard, { state, side, plan, without }: Check): boolean {
  if (guard.on === 'exclusive') {
    const noWriter = world.openWrite(state, side).kind === 0 || without.has(gateGuards.shared);
    return noWriter && world.applying(state, side) === 0;
  }
  if (guard.on === 'not-complete') return side !== 1 || !world.isComplete(state);
  if (guard.on === 'backfill-closed') return !world.runOf(state).open;
  // Was looked at when the controller decided.
  if (guard.on === 'seen') return true;
  return holdsInRow(guard, world.factOf(state, side), plan.epoch);
}

function take(next: State, { step, side, epoch }: { step: Step; side: SideIndex; epoch: number }): void {
  const fact = factAfter(step, world.factOf(next, side), epoch);
  world.setFact(next, side, fact);
  if (step.becomes.fences === true) world.setApplied(next, side, 0, 0);
  if (step.becomes.marks === true)
    world.append(next, side, { epoch: fact.epoch, kind: world.marker, version: 0 });
}

/** What a controller may decide on by what it reads now, for every wish; and more where a guard is out that kept it from it. */
function decisions(state: State, { lastEpoch, without }: Bounds): Plan[] {
  const facts = world.factsOf(state);
  const stands = standing(facts);
  const found = new Map<string, Plan>();
  const add = (plan: Plan): void => void found.set(`${plan.step} ${plan.from} ${plan.epoch}`, plan);
  for (const owner of names) {
    for (const pastBound of [false, true]) {
      const next = nextStep(stands, { owner, pastBound });
      if (next !== undefined && (next.step !== 'fence' || next.epoch < lastEpoch))
        add({ step: next.step, from: names.indexOf(next.from) as SideIndex, epoch: next.epoch });
    }
  }
  if (stands.kind === 'undecided') {
    const from = names.indexOf(stands.from) as SideIndex;
    // Someone who does not look at the drain: the guard at the row must stop it.
    add({ step: 'commit', from, epoch: stands.epoch });
    // Drained or not, whoever thinks that the bound is past may abort.
    add({ step: 'abort', from, epoch: stands.epoch });
    if (without.has('reopen: the other side has aborted')) add({ step: 'reopen', from, epoch: stands.epoch });
  }
  if (stands.kind === 'at-rest' && stands.epoch < lastEpoch && without.has('abort: the other side is fenced'))
    add({ step: 'abort', from: names.indexOf(stands.owner) as SideIndex, epoch: stands.epoch });
  return [...found.values()];
}
