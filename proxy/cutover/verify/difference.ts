import { createHash } from 'node:crypto';
import type { Pair } from './by-key.ts';
import type { Compared } from './compared.ts';
import type { Difference, ValueDifference, ValuesShown } from './verify.types.ts';

/** What one pair of rows differs in; `undefined` where it does not. */
export function differenceOf(
  compared: Compared,
  { name, owner, follower }: Pair,
  shown: ValuesShown,
): Difference | undefined {
  const base = { dataset: compared.dataset.name, key: name.ownerKey, followerKey: name.followerKey };
  if (owner === undefined && follower === undefined) return undefined;
  if (follower === undefined) return { ...base, kind: 'missing', columns: [], values: [] };
  if (owner === undefined) return { ...base, kind: 'extra', columns: [], values: [] };
  const values = compared.columns.flatMap((column, index): ValueDifference[] => {
    const [mine, theirs] = [owner[index] ?? undefined, follower[index] ?? undefined];
    return mine === theirs ? [] : [{ column, owner: shownAs(mine, shown), follower: shownAs(theirs, shown) }];
  });
  return values.length === 0
    ? undefined
    : { ...base, kind: 'differs', columns: values.map(({ column }) => column), values };
}

const shownCharacters = 200;

/** Hidden: enough to tell values apart and to look one up, without the value itself. */
function shownAs(value: string | undefined, shown: ValuesShown): string | undefined {
  if (value === undefined) return undefined;
  if (shown === 'shown')
    return value.length > shownCharacters ? `${value.slice(0, shownCharacters)}…` : value;
  const digest = createHash('sha256').update(value).digest('hex').slice(0, 8);
  return `${value.length} characters, sha256 ${digest}…`;
}
