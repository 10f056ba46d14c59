import type { JsonArray, JsonValue } from './json-value.types.ts';
import { canonical } from './canonical.ts';
import { report, type Cover, type Two } from './cover.ts';
import { stepDown } from './path-states.ts';
import type { Rule } from './rules.ts';
import { isSamePlain, type Walk } from './walk.ts';

type Arrays = readonly [JsonArray, JsonArray];

interface ArrayCover extends Cover {
  readonly rules: readonly Rule[];
  /** Compares what lies one step further down. */
  readonly compareBelow: (
    walk: Walk,
    step: number,
    options: { readonly pair: Two; readonly cover: Cover },
  ) => void;
}

/** Compares two arrays: by place, or as the rule says that takes their sequence away. */
export function compareArrays(walk: Walk, arrays: Arrays, cover: ArrayCover): void {
  const unordered = cover.rules.find(({ effect }) => effect.does === 'unordered')?.effect;
  if (unordered?.does !== 'unordered') compareByPlace(walk, arrays, cover);
  else compareMatched(walk, arrays, { cover, key: unordered.key });
}

/**
 * Arrays of two lengths are one difference: what follows an added element would differ by its place alone. The same
 * elements in another sequence are one difference, too.
 */
function compareByPlace(walk: Walk, [primary, shadow]: Arrays, cover: ArrayCover): void {
  if (primary.items.length !== shadow.items.length) {
    report(walk, { kind: 'length', primary, shadow, covering: cover.covering });
    return;
  }
  const mark = walk.into.mark();
  const isBare = cover.states.length === 0;
  for (let index = 0; index < primary.items.length; index += 1) {
    const [item, other] = [primary.items[index], shadow.items[index]];
    if (isBare && isSamePlain(item, other)) walk.left -= 1;
    else cover.compareBelow(walk, index, { pair: [item, other], cover });
  }
  if (walk.into.mark() === mark || primary.items.length < 2) return;
  const texts = ([primary, shadow] as const).map((array, side) =>
    keysOf(walk, array, { cover, isPrimary: side === 0 }),
  );
  const [one = [], other = []] = texts.map((keys) => keys.toSorted());
  if (walk.left < 0 || one.some((text, index) => text !== other[index])) return;
  walk.into.backTo(mark);
  report(walk, { kind: 'order', primary, shadow, covering: cover.covering });
}

interface Matching {
  readonly cover: ArrayCover;
  /** Member that names an element; `undefined`: the whole element does. */
  readonly key: string | undefined;
}

/** Matches elements by key, or by all of their content; those left over are compared in the sequence in which they came. */
function compareMatched(walk: Walk, [primary, shadow]: Arrays, { cover, key }: Matching): void {
  const waiting = new Map<string, number[]>();
  const shadowKeys = keysOf(walk, shadow, { cover, isPrimary: false, key });
  for (const [index, text] of shadowKeys.entries()) {
    const others = waiting.get(text);
    if (others === undefined) waiting.set(text, [index]);
    else others.push(index);
  }
  for (const others of waiting.values()) others.reverse();
  const left: number[] = [];
  for (const [index, text] of keysOf(walk, primary, { cover, isPrimary: true, key }).entries()) {
    const match = waiting.get(text)?.pop();
    if (match === undefined) left.push(index);
    else if (key !== undefined)
      cover.compareBelow(walk, index, { pair: [primary.items[index], shadow.items[match]], cover });
  }
  const more = [...waiting.values()].flat().toSorted((a, b) => a - b);
  // Elements without their like: a changed one on each side, as far as there are as many.
  for (let at = 0; at < Math.max(left.length, more.length); at += 1) {
    const [from, to] = [left[at], more[at]];
    const items = [
      from === undefined ? undefined : primary.items[from],
      to === undefined ? undefined : shadow.items[to],
    ] as const;
    if (key !== undefined && !mayBeMapped(items, { walk, cover, key })) {
      if (from !== undefined) cover.compareBelow(walk, from, { pair: [items[0], undefined], cover });
      if (to !== undefined) cover.compareBelow(walk, to, { pair: [undefined, items[1]], cover });
    } else {
      cover.compareBelow(walk, from ?? to ?? 0, { pair: items, cover });
    }
  }
}

/** Two elements whose keys are not each other's may still be one, where the keys are mapped ids that are yet to be learned. */
function mayBeMapped(
  items: readonly [JsonValue | undefined, JsonValue | undefined],
  { walk, cover, key }: { readonly walk: Walk; readonly cover: Cover; readonly key: string },
): boolean {
  const states = stepDown(stepDown(cover.states, 0), key);
  const isMapped = states.some(
    ({ segments, at, target }) => at === segments.length && target.effect.does === 'map-id',
  );
  return isMapped && walk.left >= 0 && items[0] !== undefined && items[1] !== undefined;
}

function keysOf(
  walk: Walk,
  array: JsonArray,
  {
    cover,
    isPrimary,
    key,
  }: { readonly cover: Cover; readonly isPrimary: boolean; readonly key?: string | undefined },
): string[] {
  return array.items.map((item, index) => {
    const states = stepDown(cover.states, index);
    if (key === undefined) return canonical(item, states, { walk, isPrimary });
    const isObject = typeof item === 'object' && item !== null && item.is === 'object';
    const named = isObject ? item.members.get(key) : undefined;
    return canonical(named, stepDown(states, key), { walk, isPrimary });
  });
}
