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

function* nextStates({ answered, open }: Operations, state: State): Generator<State> {
  const { first, after, used, value } = state;
  const may: State[] = [];
  let earliestEnd = Number.POSITIVE_INFINITY;
  for (let at = first; at < answered.length; at += 1) {
    const candidate = answered[at];
    if (candidate === undefined || candidate.start > earliestEnd) break;
    if (after.includes(at)) continue;
    earliestEnd = Math.min(earliestEnd, candidate.end ?? earliestEnd);
    if (!mayFollow(candidate, value)) continue;
    const placed = [...after, at].toSorted((one, other) => one - other);
    let next = first;
    while (placed[0] === next) {
      placed.shift();
      next += 1;
    }
    const left = candidate.operation === 'read' ? value : candidate.value;
    may.push({ first: next, after: placed, used, value: left });
  }
  // The last one is tried first: those without an answer only where nothing else goes on.
  for (const [at, candidate] of open.entries())
    if (!used.includes(at) && candidate.start <= earliestEnd && mayFollow(candidate, value))
      yield {
        first,
        after,
        used: [...used, at].toSorted((one, other) => one - other),
        value: candidate.value,
      };
  yield* may.toReversed();
}

/** Whether an operation could go as it went where the register holds `value`. */
function mayFollow({ operation, value: its }: Operation, value: string | undefined): boolean {
  if (operation === 'read') return its === value;
  return operation !== 'create' || value === undefined;
}

/** One operation a line, as it is exported. */
export function toNdjson(history: readonly Operation[]): string {
  return history.map((operation) => `${JSON.stringify(operation)}\n`).join('');
}
