import type { JsonValue } from './json-value.types.ts';
import type { Collector } from './collector.ts';
import { sameNumber, withinTolerance } from './decimal.ts';
import { instantOf } from './instants.ts';
import { isNumber, normalise } from './normalise.ts';
import type { Rule } from './rules.ts';

/** What one comparison of two bodies needs on its way down. */
export interface Walk {
  readonly into: Collector;
  readonly ids: IdComparer;
  /** Steps from the root to here. */
  readonly steps: (string | number)[];
  /** Values that may still be looked at; below 0 the comparison is given up. */
  left: number;
}

/** How ids that differ by side are held against each other; answers of one side are held against each other as they are. */
export interface IdComparer {
  same(space: string, primary: string, shadow: string): boolean;
  /** The shadow's id for the primary's, where it is known. */
  translate(space: string, primary: string): string | undefined;
}

/** For two answers of one side. */
export const sameSideIds: IdComparer = {
  same: (_space, primary, shadow) => primary === shadow,
  translate: (_space, primary) => primary,
};

/** Whether two values that are no containers are equal as they stand. */
export function areEqual(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  return a === b || (isNumber(a) && isNumber(b) && sameNumber(a.text, b.text));
}

/**
 * Whether two values need no further look where no rule can reach: the same text, number as written, word. Most values of
 * two answers are, and this makes nothing.
 */
export function isSamePlain(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  return a === b || (isNumber(a) && isNumber(b) && a.text === b.text);
}

/** Whether the rules at this place make two values equal that are no containers. */
export function areEqualBy(
  rules: readonly Rule[],
  {
    primary,
    shadow,
    ids,
  }: {
    readonly primary: JsonValue | undefined;
    readonly shadow: JsonValue | undefined;
    readonly ids: IdComparer;
  },
): boolean {
  const mapped = rules.find(({ effect }) => effect.does === 'map-id');
  if (mapped?.effect.does === 'map-id') {
    const [one, other] = [idText(primary), idText(shadow)];
    if (one !== undefined && other !== undefined) return ids.same(mapped.effect.space, one, other);
  }
  if (areEqual(primary, shadow)) return true;
  return rules.some(({ effect }) => {
    switch (effect.does) {
      case 'normalise':
        return areEqual(normalise(primary, effect.names), normalise(shadow, effect.names));
      case 'tolerance':
        return isNumber(primary) && isNumber(shadow) && withinTolerance(primary.text, shadow.text, effect);
      case 'time':
        return areNear(primary, shadow, effect.withinMs);
      default:
        return false;
    }
  });
}

/** A text or a number is an id as it is written; other kinds are none. */
export function idText(value: JsonValue | undefined): string | undefined {
  if (typeof value === 'string') return value;
  return isNumber(value) ? value.text : undefined;
}

function areNear(a: JsonValue | undefined, b: JsonValue | undefined, withinMs: number): boolean {
  const [one, other] = [timeOf(a), timeOf(b)];
  return one !== undefined && other !== undefined && Math.abs(one - other) <= withinMs;
}

export function timeOf(value: JsonValue | undefined): number | undefined {
  const text = idText(value);
  return text === undefined ? undefined : instantOf(text);
}
