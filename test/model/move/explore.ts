import { moveSteps } from '#proxy/cutover/move/table.ts';
import { standing } from '#proxy/cutover/move/standing.ts';
import * as world from './state.ts';
import { sideIndexes, type State } from './state.ts';
import { happenings, type Bounds } from './transitions.ts';

export interface Exploration {
  /** Different states that were reached. */
  readonly states: number;
  /** How often each step of a move was taken: a world in which a step never happens proves nothing about it. */
  readonly taken: Readonly<Record<string, number>>;
  /** The first invariant that did not hold, and the shortest way there. */
  readonly violation: { readonly invariant: string; readonly trace: readonly string[] } | undefined;
}

export interface ExploreOptions extends Partial<Bounds> {
  /** Writes in all. */
  readonly writes?: number;
  /** More states than this is an error: the bounds are to be chosen so that the world is explored whole. */
  readonly maxStates?: number;
}

interface Seen {
  readonly from: string | undefined;
  readonly label: string;
}

/**
 * Breadth first through every state of the small world, until an invariant breaks or nothing new is found.
 * @throws RangeError when there are more states than `maxStates`
 */
export function explore(options: ExploreOptions = {}): Exploration {
  const { writes = 2, lastEpoch = 3, without = new Set(), steps = moveSteps } = options;
  const { completes = false, maxStates = 3_000_000 } = options;
  const first = world.canonical(world.initialState(writes));
  const seen = new Map<string, Seen>([[first, { from: undefined, label: '' }]]);
  const taken: Record<string, number> = {};
  // A map keeps the order in which keys came: it is the queue as well.
  for (const [key] of seen) {
    const state = world.restored(key);
    for (const { label, state: next, broken } of happenings(state, {
      lastEpoch,
      without,
      steps,
      completes,
    })) {
      const step = /^(fence|commit|abort|reopen) on/.exec(label)?.[1];
      if (step !== undefined) taken[step] = (taken[step] ?? 0) + 1;
      const invariant = broken ?? brokenBy(state, next);
      const nextKey = world.canonical(next);
      if (!seen.has(nextKey)) seen.set(nextKey, { from: key, label });
      if (invariant !== undefined) {
        const trace = [...traceTo(key, seen), label];
        return { states: seen.size, taken, violation: { invariant, trace } };
      }
    }
    if (seen.size > maxStates) throw new RangeError(`more than ${maxStates} states`);
  }
  return { states: seen.size, taken, violation: undefined };
}

function traceTo(key: string, seen: ReadonlyMap<string, Seen>): string[] {
  const labels: string[] = [];
  for (let at = seen.get(key); at?.from !== undefined; at = seen.get(at.from)) labels.unshift(at.label);
  return labels;
}

/** The invariants of the design that this world can break. */
function brokenBy(before: State, next: State): string | undefined {
  const owners = sideIndexes.filter((side) => world.isOwner(next, side));
  if (owners.length > 1) return 'I1: two owners';
  const truth = world.truthOf(next);
  for (const side of owners) {
    const row = world.rowOf(next, side);
    // A side that never saw a row has it as deleted as one that saw its delete.
    if (row.present !== truth.present || (truth.present && row.version !== truth.version))
      return 'I2: an acknowledged write is not in the owner';
  }
  for (const side of sideIndexes) {
    if (world.factOf(next, side).epoch < world.factOf(before, side).epoch) return 'I3: an epoch went back';
    const wentBack = world.rowOf(next, side).version < world.rowOf(before, side).version;
    if (wentBack && (side === 0 || !world.runOf(before).open))
      return 'I4/I5: a row went back to an older version';
  }
  if (world.isComplete(next) && !owners.includes(1)) return 'I13: complete, and the service does not own it';
  if (standing(world.factsOf(next)).kind === 'unknown') return 'the two sides stand in no row of the table';
  return undefined;
}
