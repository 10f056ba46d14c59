import type { PathSegment } from '#proxy/config/json-path.ts';

/** One path that may still match, and how far it has got. All paths advance together while a body is walked once. */
export interface PathState<T> {
  readonly segments: readonly PathSegment[];
  readonly at: number;
  readonly target: T;
}

export type PathStates<T> = readonly PathState<T>[];

const none: PathStates<never> = [];

/** Where all paths stand at the root of a body. */
export function atRoot<T>(
  paths: readonly { readonly segments: readonly PathSegment[]; readonly target: T }[],
): PathStates<T> {
  const states: PathState<T>[] = [];
  for (const { segments, target } of paths) enter(states, { segments, at: 0, target });
  return states;
}

/** Where they stand one step further down, at the member or element `step`. */
export function stepDown<T>(states: PathStates<T>, step: string | number): PathStates<T> {
  if (states.length === 0) return none;
  const next: PathState<T>[] = [];
  for (const state of states) {
    const segment = state.segments[state.at];
    if (segment === undefined) continue;
    if (segment.step === 'anywhere') enter(next, state);
    else if (takes(segment, step)) enter(next, { ...state, at: state.at + 1 });
  }
  return next;
}

/** What the paths that end here are for. */
export function reached<T>(states: PathStates<T>): readonly T[] {
  if (states.length === 0) return none as readonly never[];
  const targets: T[] = [];
  for (const { segments, at, target } of states) if (at === segments.length) targets.push(target);
  return targets;
}

function takes(segment: PathSegment, step: string | number): boolean {
  if (segment.step === 'any') return true;
  if (segment.step === 'name') return segment.name === step;
  return segment.step === 'index' && segment.index === step;
}

/** Adds a state once: a path can be at no more places than it has segments, however deep the body is. */
function enter<T>(states: PathState<T>[], state: PathState<T>): void {
  if (
    states.some(
      (other) => other.segments === state.segments && other.at === state.at && other.target === state.target,
    )
  )
    return;
  states.push(state);
  if (state.segments[state.at]?.step === 'anywhere') enter(states, { ...state, at: state.at + 1 });
}
