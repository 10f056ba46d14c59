import { escapeIdentifier, escapeLiteral } from 'pg';
import type { CatalogColumn, CatalogTable } from '../catalog/catalog.types.ts';
import { familyOf, type ColumnMatch } from './column-match.ts';
import { nameLikeness } from './similar-names.ts';

/** How one column is written on the other side. */
export interface ProposedMapping {
  readonly toService?: string;
  readonly toMonolith?: string;
  /** `false`: somebody has to look. */
  readonly sure: boolean;
  readonly reason: string | undefined;
}

export interface MatchInTables {
  readonly match: ColumnMatch;
  readonly monolith: CatalogTable;
  readonly service: CatalogTable;
}

const plain: ProposedMapping = { sure: true, reason: undefined };

export function proposeMapping({ match, monolith, service }: MatchInTables): ProposedMapping {
  const [one, other] = [match.monolith, match.service];
  const [name, otherName] = [identifier(one.name), identifier(other.name)];
  const isZoned = (type: string): boolean => type.endsWith('with time zone');
  if (
    familyOf(one) === 'moment' &&
    familyOf(other) === 'moment' &&
    isZoned(one.type) !== isZoned(other.type)
  ) {
    return {
      toService: `${name} at time zone 'UTC'`,
      toMonolith: `${otherName} at time zone 'UTC'`,
      sure: true,
      reason: 'timestamp without zone, taken as UTC',
    };
  }
  if (familyOf(one) === 'whole' && familyOf(other) === 'boolean') {
    return { toService: `${name} = 1`, toMonolith: `${otherName}::int`, sure: true, reason: '1 is true' };
  }
  if (familyOf(one) === 'boolean' && familyOf(other) === 'whole') {
    return { toService: `${name}::int`, toMonolith: `${otherName} = 1`, sure: true, reason: '1 is true' };
  }
  if (one.type.startsWith('numeric(') && other.type === 'numeric') {
    return {
      toService: `trim_scale(${name})`,
      sure: true,
      reason: 'the monolith fills its scale up with zeros',
    };
  }
  if (one.type === 'numeric' && other.type.startsWith('numeric(')) {
    return {
      toMonolith: `trim_scale(${otherName})`,
      sure: true,
      reason: 'the service fills its scale up with zeros',
    };
  }
  return proposeWords({ match, monolith, service });
}

/** Lists of values on both sides that are not the same. */
function proposeWords({ match, monolith, service }: MatchInTables): ProposedMapping {
  const here = valuesOf(match.monolith, monolith);
  const there = valuesOf(match.service, service);
  if (here === undefined || there === undefined) return plain;
  const rest = here.filter((value) => !there.includes(value));
  const restThere = there.filter((value) => !here.includes(value));
  if (rest.length === 0 && restThere.length === 0) return plain;
  const pairs = pairValues(rest, restThere);
  const same = here.filter((value) => there.includes(value)).map((value) => [value, value] as const);
  const isNumber = familyOf(match.monolith) === 'whole';
  const byLetter = pairs.every(({ alike }) => alike) && rest.length === restThere.length;
  const all = [...same, ...pairs.map(({ one, other }) => [one, other] as const)];
  return {
    toService: caseSql(match.monolith.name, { pairs: all, numbers: [isNumber, false] }),
    toMonolith: caseSql(match.service.name, {
      pairs: all.map(([one, other]) => [other, one] as const),
      numbers: [false, isNumber],
    }),
    sure: byLetter,
    reason: byLetter
      ? 'values paired by their first letters'
      : 'values paired in the order in which the two schemas list them: correct them',
  };
}

/** What a column may hold, from an enum or from a check that lists it. */
function valuesOf(column: CatalogColumn, table: CatalogTable): string[] | undefined {
  if (familyOf(column) === 'list') return undefined;
  if (column.labels.length > 0) return [...column.labels];
  const check = table.checks.find(
    ({ columns, sql }) => columns.length === 1 && columns[0] === column.name && /= ANY/.test(sql),
  );
  if (check === undefined) return undefined;
  const list = /ARRAY\[(.*)\]/.exec(check.sql)?.[1] ?? '';
  const values = [...list.matchAll(/'((?:[^']|'')*)'|\b(\d+)\b/g)].map(
    ([, text, number]) => text?.replaceAll("''", "'") ?? number ?? '',
  );
  return values.length === 0 ? undefined : values;
}

interface Pair {
  readonly one: string;
  readonly other: string;
  readonly alike: boolean;
}

function pairValues(here: readonly string[], there: readonly string[]): Pair[] {
  const left = [...there];
  const open: string[] = [];
  const pairs: Pair[] = [];
  for (const one of here) {
    const at = left.findIndex((other) => startsAlike(one, other));
    if (at === -1) open.push(one);
    else pairs.push({ one, other: left.splice(at, 1)[0] ?? '', alike: true });
  }
  for (const one of open) {
    const other = left.shift();
    if (other !== undefined) pairs.push({ one, other, alike: nameLikeness(one, other) > 0.5 });
  }
  return pairs;
}

function startsAlike(one: string, other: string): boolean {
  const [short = '', long = ''] = [one.toLowerCase(), other.toLowerCase()].toSorted(
    (a, b) => a.length - b.length,
  );
  return /^[a-z]/.test(short) && long.startsWith(short);
}

function caseSql(
  column: string,
  {
    pairs,
    numbers,
  }: {
    readonly pairs: readonly (readonly [string, string])[];
    readonly numbers: readonly [boolean, boolean];
  },
): string {
  const value = (text: string, isNumber: boolean): string => (isNumber ? text : escapeLiteral(text));
  const cases = pairs.map(
    ([one, other]) => `when ${value(one, numbers[0])} then ${value(other, numbers[1])}`,
  );
  const subject = numbers[0] ? identifier(column) : `${identifier(column)}::text`;
  return `case ${subject} ${cases.join(' ')} end`;
}

function identifier(name: string): string {
  return /^[a-z_][a-z\d_]*$/.test(name) ? name : escapeIdentifier(name);
}
