import type { JsonValue } from './json-value.types.ts';
import { canonicalNumber } from './decimal.ts';
import { isNumber, normalise } from './normalise.ts';
import { reached, stepDown, type PathStates } from './path-states.ts';
import type { Rule } from './rules.ts';
import { idText, type Walk } from './walk.ts';

/**
 * One text for all values that the rules call equal, but for those that are so by a tolerance. Used to match elements of
 * arrays whose sequence does not count.
 * @param isPrimary whether mapped ids are to be put into the shadow's terms
 */
export function canonical(
  value: JsonValue | undefined,
  states: PathStates<Rule>,
  { walk, isPrimary }: { readonly walk: Walk; readonly isPrimary: boolean },
): string {
  walk.left -= 1;
  if (walk.left < 0) return '';
  let result = value;
  for (const { effect } of reached(states)) {
    if (effect.does === 'ignore' && effect.kinds === undefined) return '';
    if (effect.does === 'normalise') result = normalise(result, effect.names);
    if (effect.does === 'map-id' && isPrimary) {
      const id = idText(result);
      result = (id === undefined ? undefined : walk.ids.translate(effect.space, id)) ?? result;
    }
  }
  if (result === undefined) return '';
  if (isNumber(result)) return canonicalNumber(result.text);
  if (typeof result !== 'object' || result === null) return JSON.stringify(result);
  const options = { walk, isPrimary };
  if (result.is === 'array') {
    const unordered = reached(states).some(({ effect }) => effect.does === 'unordered');
    const items = result.items.map((item, index) => canonical(item, stepDown(states, index), options));
    return `[${(unordered ? items.sort() : items).join(',')}]`;
  }
  const members: string[] = [];
  for (const [name, member] of result.members) {
    const text = canonical(member, stepDown(states, name), options);
    const earlier = (result.repeated?.get(name) ?? []).map((one) =>
      canonical(one, stepDown(states, name), options),
    );
    if (text !== '') members.push([JSON.stringify(name), ...earlier, text].join(':'));
  }
  return `{${members.sort().join(',')}}`;
}
