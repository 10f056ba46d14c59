import type { JsonArray, JsonObject, JsonValue } from './json-value.types.ts';
import { compareArrays } from './compare-arrays.ts';
import { report, type Cover } from './cover.ts';
import { normalise } from './normalise.ts';
import { reached, stepDown } from './path-states.ts';
import type { Rule } from './rules.ts';
import { areEqualBy, isSamePlain, type Walk } from './walk.ts';

/**
 * Compares two values of JSON by structure, from the place where `walk` stands. As deep as the reader let them be, so the
 * recursion is bounded; what `undefined` stands for is absent.
 */
export function compareJson(
  walk: Walk,
  [primary, shadow]: readonly [JsonValue | undefined, JsonValue | undefined],
  cover: Cover,
): void {
  walk.left -= 1;
  if (walk.left < 0) return;
  const rules = reached(cover.states);
  const { covering } = rules.length === 0 ? cover : withRules(cover, rules);
  if (covering === undefined) return;

  const [one, other] = [containerOf(primary), containerOf(shadow)];
  if (one !== undefined && other !== undefined && one.is === other.is) {
    const below = { states: cover.states, covering };
    if (one.is === 'array') compareArrays(walk, [one, other as JsonArray], { ...below, rules, compareBelow });
    else compareObjects(walk, [one, other as JsonObject], below);
    return;
  }
  if (areEqualBy(rules, { primary, shadow, ids: walk.ids })) return;
  const isAbsent = (value: JsonValue | undefined): boolean =>
    value === undefined ||
    rules.some(({ effect }) => effect.does === 'normalise' && normalise(value, effect.names) === undefined);
  const [noPrimary, noShadow] = [isAbsent(primary), isAbsent(shadow)];
  if (noPrimary && noShadow) return;
  const kind = noShadow
    ? 'missing'
    : noPrimary
      ? 'extra'
      : typeOf(primary) === typeOf(shadow)
        ? 'value'
        : 'type';
  report(walk, { kind, primary, shadow, covering });
}

/** Compares what lies one step further down. */
function compareBelow(
  walk: Walk,
  step: string | number,
  {
    pair,
    cover,
  }: { readonly pair: readonly [JsonValue | undefined, JsonValue | undefined]; readonly cover: Cover },
): void {
  walk.steps.push(step);
  compareJson(walk, pair, { states: stepDown(cover.states, step), covering: cover.covering });
  walk.steps.pop();
}

function compareObjects(
  walk: Walk,
  [primary, shadow]: readonly [JsonObject, JsonObject],
  cover: Cover,
): void {
  const isBare = cover.states.length === 0;
  let shared = 0;
  for (const [name, value] of primary.members) {
    const other = shadow.members.get(name);
    if (other !== undefined) shared += 1;
    if (isBare && isSamePlain(value, other)) walk.left -= 1;
    else compareBelow(walk, name, { pair: [value, other], cover });
  }
  if (shared < shadow.members.size) {
    for (const [name, value] of shadow.members) {
      if (!primary.members.has(name)) compareBelow(walk, name, { pair: [undefined, value], cover });
    }
  }
  if (primary.repeated === undefined && shadow.repeated === undefined) return;
  const names = new Set([...(primary.repeated?.keys() ?? []), ...(shadow.repeated?.keys() ?? [])]);
  for (const name of names) {
    const earlier = [primary.repeated?.get(name) ?? [], shadow.repeated?.get(name) ?? []] as const;
    compareRepeated(walk, name, { earlier, cover });
  }
}

/** A name that comes more than once: readers differ in which value they take, so each has to agree, and their number. */
function compareRepeated(
  walk: Walk,
  name: string,
  {
    earlier,
    cover,
  }: { readonly earlier: readonly [readonly JsonValue[], readonly JsonValue[]]; readonly cover: Cover },
): void {
  const [primary, shadow] = earlier;
  if (primary.length === shadow.length) {
    for (const [index, value] of primary.entries()) {
      compareBelow(walk, name, { pair: [value, shadow[index]], cover });
    }
    return;
  }
  walk.steps.push(name);
  const states = stepDown(cover.states, name);
  const { covering } = withRules({ states, covering: cover.covering }, reached(states));
  if (covering !== undefined) {
    report(walk, { kind: 'length', primary: times(primary), shadow: times(shadow), covering });
  }
  walk.steps.pop();
}

function times(earlier: readonly JsonValue[]): string {
  return `the name comes ${earlier.length + 1} times`;
}

/** `covering` is undefined where a rule ignores the place and all below it. */
function withRules(cover: Cover, rules: readonly Rule[]): { readonly covering: readonly Rule[] | undefined } {
  const more = rules.filter(({ effect }) => effect.does === 'ignore' || effect.does === 'expect');
  if (more.length === 0) return cover;
  if (more.some(({ effect }) => effect.does === 'ignore' && effect.kinds === undefined))
    return { covering: undefined };
  return { covering: [...cover.covering, ...more] };
}

function containerOf(value: JsonValue | undefined): JsonArray | JsonObject | undefined {
  return typeof value === 'object' && value !== null && value.is !== 'number' ? value : undefined;
}

function typeOf(value: JsonValue | undefined): string {
  if (value === null) return 'null';
  return typeof value === 'object' ? value.is : typeof value;
}
