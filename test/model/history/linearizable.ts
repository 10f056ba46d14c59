/** One operation of one client on one key: a line of an exported history. */
export interface Operation {
  readonly client: number;
  readonly key: string;
  /** `create`: a write that takes effect only where there is no row. */
  readonly operation: 'read' | 'write' | 'create' | 'delete';
  /** What was read or written; `undefined`: there is no row, or it was deleted. */
  readonly value: string | undefined;
  /** Milliseconds of one monotonic clock. */
  readonly start: number;
  /** `undefined`: its answer never came, so it took effect at any time after its start, or not at all. */
  readonly end: number | undefined;
}

export type Verdict =
  | { readonly linearizable: true }
  | { readonly linearizable: false; readonly key: string; readonly operations: readonly Operation[] };

/**
 * Whether each key's operations can be put into one sequence that every client could have seen: each at one moment between
 * its start and its end, reads returning the last write. A register for each key (Wing and Gong's search, with Lowe's
 * memory of the states that were tried).
 */
export function checkHistory(
  history: readonly Operation[],
  initial: ReadonlyMap<string, string> = new Map(),
): Verdict {
  const byKey = Map.groupBy(history, ({ key }) => key);
  for (const [key, operations] of byKey)
    if (!isLinearizable(operations, initial.get(key)))
      return { linearizable: false, key, operations: operations.toSorted((a, b) => a.start - b.start) };
  return { linearizable: true };
}

/**
 * The sequence is built from the left: whatever has started before every operation that is not yet placed has ended may be
 * next. A write without an answer may be placed at any time after its start, or never; a read without one says nothing.
 * Such a write is placed only right before what cannot go without it: values are unique, so anywhere else it changes
 * nothing that anybody saw, and histories with hundreds of them are still searched at once.
 */
function isLinearizable(all: readonly Operation[], initial: string | undefined): boolean {
  const sorted = all.toSorted((one, other) => one.start - other.start);
  const answered = sorted.filter(({ end }) => end !== undefined);
  const open = sorted.filter(({ operation, end }) => operation !== 'read' && end === undefined);
  const tried = new Set<string>();
  const stack: State[] = [{ first: 0, after: [], used: [], value: initial }];
  for (let state = stack.pop(); state !== undefined; state = stack.pop()) {
    if (state.first === answered.length) return true;
    for (const next of nextStates({ answered, open }, state)) {
      const name = `${next.first}|${next.after.join(',')}|${next.used.join(',')}|${next.value ?? '\0'}`;
      if (tried.has(name)) continue;
      tried.add(name);
      stack.push(next);
    }
  }
  return false;
}

interface Operations {
  readonly answered: readonly Operation[];
  /** Writes without an answer. */
  readonly open: readonly Operation[];
}

interface State {
  /** First answered operation that is not placed, and those placed after it. */
  readonly first: number;
  readonly after: readonly number[];
  /** Writes without an answer that are placed. */
  readonly used: readonly number[];
  readonly value: string | undefined;
}

/** The last one is tried first: what started earliest, where all may be next. */
function nextStates({ answered, open }: Operations, state: State): State[] {
  const { first, after } = state;
  const may: number[] = [];
  let earliestEnd = Number.POSITIVE_INFINITY;
  for (let at = first; at < answered.length; at += 1) {
    const candidate = answered[at];
    if (candidate === undefined || candidate.start > earliestEnd) break;
    if (after.includes(at)) continue;
    earliestEnd = Math.min(earliestEnd, candidate.end ?? earliestEnd);
    may.push(at);
  }
  const reachable = open
    .map((operation, at) => ({ operation, at }))
    .filter(({ operation, at }) => operation.start <= earliestEnd && !state.used.includes(at));
  return may.toReversed().flatMap((at) => {
    const candidate = answered[at];
    const before = candidate === undefined ? undefined : stateFor(candidate, state, reachable);
    if (candidate === undefined || before === undefined) return [];
    const placed = [...after, at].toSorted((one, other) => one - other);
    let next = first;
    while (placed[0] === next) {
      placed.shift();
      next += 1;
    }
    const value = candidate.operation === 'read' ? before.value : candidate.value;
    return [{ first: next, after: placed, used: before.used, value }];
  });
}

type Before = Pick<State, 'used' | 'value'>;

/** The state in which an operation can go as it went, with what had no answer in between. `undefined`: there is none. */
function stateFor(
  { operation, value: its }: Operation,
  state: Before,
  reachable: readonly { readonly operation: Operation; readonly at: number }[],
): Before | undefined {
  if (operation === 'write' || operation === 'delete') return state;
  const wanted = operation === 'create' ? undefined : its;
  if (state.value === wanted) return state;
  // Which of several deletes is the same: whoever may be placed now may be placed later.
  const cause = reachable.find(
    ({ operation: open, at }) => open.value === wanted && !state.used.includes(at),
  );
  if (cause === undefined) return undefined;
  const before =
    cause.operation.operation === 'create'
      ? stateFor({ ...cause.operation, operation: 'create' }, state, reachable)
      : state;
  if (before === undefined) return undefined;
  return { used: [...before.used, cause.at].toSorted((one, other) => one - other), value: wanted };
}

/** One operation a line, as it is exported. */
export function toNdjson(history: readonly Operation[]): string {
  return history.map((operation) => `${JSON.stringify(operation)}\n`).join('');
}
