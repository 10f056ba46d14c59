import type { HeaderLines } from '#proxy/http/seam.ts';
import type { DifferenceKind } from '../delta.types.ts';
import type { Collector } from './collector.ts';
import type { HeaderChoice } from './header-choice.ts';
import type { Rule } from './rules.ts';
import { areEqualBy, type IdComparer } from './walk.ts';

/** Names in one answer that are still looked at; a server that sends more is at fault by itself. */
const mostNames = 200;

interface HeaderContext {
  readonly choice: HeaderChoice;
  readonly rules: ReadonlyMap<string, readonly Rule[]>;
  readonly into: Collector;
  readonly ids: IdComparer;
}

/** Compares the chosen headers: names without sequence, repeated values in theirs, each cookie by its name. */
export function compareHeaders(
  [primary, shadow]: readonly [HeaderLines, HeaderLines],
  context: HeaderContext,
): void {
  const [one, other] = [valuesByName(primary, context.choice), valuesByName(shadow, context.choice)];
  for (const name of new Set([...one.keys(), ...other.keys()])) {
    compareValues(name, [one.get(name) ?? [], other.get(name) ?? []], context);
  }
}

function compareValues(
  name: string,
  [primary, shadow]: readonly [readonly string[], readonly string[]],
  { rules: allRules, into, ids }: HeaderContext,
): void {
  if (primary.length === shadow.length && primary.every((value, index) => value === shadow[index])) return;
  const general = name.split('.', 1)[0] ?? name;
  const own = allRules.get(name) ?? [];
  const rules = general === name ? own : [...own, ...(allRules.get(general) ?? [])];
  const equal = (a: string | undefined, b: string | undefined): boolean =>
    a !== undefined && b !== undefined && areEqualBy(rules, { primary: a, shadow: b, ids });

  let [one, other] = [primary, shadow];
  if (rules.some(({ effect }) => effect.does === 'unordered')) {
    // Such a header is a list, whether it comes in one line or in more (RFC 9110, 5.3).
    [one, other] = [elementsOf(primary), elementsOf(shadow)];
  }
  if (one.length === other.length && one.every((value, index) => equal(value, other[index]))) return;
  const show = (values: readonly string[]): { readonly text: string } | undefined =>
    values.length === 0 ? undefined : { text: values.join('\n') };
  into.add({
    place: 'header',
    path: name,
    kind: kindOf(one, other),
    primary: show(primary),
    shadow: show(shadow),
    covering: rules,
  });
}

function kindOf(primary: readonly string[], shadow: readonly string[]): DifferenceKind {
  if (shadow.length === 0) return 'missing';
  if (primary.length === 0) return 'extra';
  if (primary.length !== shadow.length) return 'length';
  const [one, other] = [primary.toSorted(), shadow.toSorted()];
  return one.every((value, index) => value === other[index]) ? 'order' : 'value';
}

function elementsOf(values: readonly string[]): string[] {
  return values
    .flatMap((value) => value.split(','))
    .map((element) => element.trim())
    .filter((element) => element !== '')
    .toSorted();
}

function valuesByName(lines: HeaderLines, choice: HeaderChoice): Map<string, string[]> {
  const byName = new Map<string, string[]>();
  const add = (name: string, value: string): void => {
    const values = byName.get(name);
    if (values !== undefined) values.push(value);
    else if (byName.size < mostNames) byName.set(name, [value]);
  };
  for (const [name, value] of lines) {
    if (!choice.has(name)) continue;
    if (name === 'set-cookie') addCookie(value, add);
    else add(name.slice(0, 128), name === 'content-type' ? plainContentType(value) : value);
  }
  return byName;
}

/** A cookie is two things to compare: its value, and how long and where it holds. */
function addCookie(line: string, add: (name: string, value: string) => void): void {
  const [pair = '', ...attributes] = line.split(';');
  const equals = pair.indexOf('=');
  const name = pair.slice(0, Math.max(0, equals)).trim();
  const path = /^[\w-]{1,64}$/.test(name) ? `set-cookie.${name}` : 'set-cookie.*';
  add(path.toLowerCase(), pair.slice(equals + 1).trim());
  add(
    `${path.toLowerCase()}.attributes`,
    attributes
      .map((attribute) => attribute.trim())
      .filter((attribute) => attribute !== '')
      .toSorted()
      .join('; '),
  );
}

/** Case and space mean nothing here (RFC 9110, 8.3.1). */
function plainContentType(value: string): string {
  return value
    .toLowerCase()
    .replaceAll(/\s*([;=])\s*/g, '$1')
    .trim();
}
