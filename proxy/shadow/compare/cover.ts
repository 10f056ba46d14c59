import type { DifferenceKind } from '../delta.types.ts';
import { generalPath } from './general-path.ts';
import type { JsonValue } from './json-value.types.ts';
import type { PathStates } from './path-states.ts';
import type { Rule } from './rules.ts';
import type { Walk } from './walk.ts';

/** What lies over a place in a body: paths on their way down, and rules that ignore or expect all below. */
export interface Cover {
  readonly states: PathStates<Rule>;
  readonly covering: readonly Rule[];
}

export type Two = readonly [primary: JsonValue | undefined, shadow: JsonValue | undefined];

/** Adds a difference at the place where `walk` stands. */
export function report(
  walk: Walk,
  found: {
    readonly kind: DifferenceKind;
    readonly primary: JsonValue | undefined;
    readonly shadow: JsonValue | undefined;
    readonly covering: readonly Rule[];
  },
): void {
  const { kind, primary, shadow, covering } = found;
  walk.into.add({
    place: 'body',
    path: generalPath(walk.steps),
    kind,
    steps: walk.steps,
    primary: primary === undefined ? undefined : { json: primary },
    shadow: shadow === undefined ? undefined : { json: shadow },
    covering,
  });
}
