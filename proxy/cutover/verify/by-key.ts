import type { Queryable } from '../backfill/catalog.ts';
import { columnList } from '../backfill/names.ts';
import { fromTable, withinFilter, type Compared, type ComparedSide } from './compared.ts';

/** A row as the two sides call it. */
export interface RowName {
  readonly ownerKey: readonly string[];
  readonly followerKey: readonly string[];
}

/** The texts of the compared columns. */
export type RowValues = readonly (string | null)[];

/** The present values of some rows, in the order of `names`; `undefined`: there is no such row within the filter. */
export async function readByKey(
  db: Queryable,
  {
    side,
    names,
    own,
  }: {
    readonly side: ComparedSide;
    readonly names: readonly RowName[];
    readonly own: 'ownerKey' | 'followerKey';
  },
): Promise<(RowValues | undefined)[]> {
  const values: (RowValues | undefined)[] = names.map(() => undefined);
  if (names.length === 0) return values;
  const key = side.key.map((_, index) => `k${index + 1}`);
  const given = side.key.map((_, index) => `$${index + 1}::text[]`).join(', ');
  const wanted = side.key.map(({ bareType }, index) => `banyan_key.k${index + 1}::${bareType}`).join(', ');
  // The expressions' bare names find the table's columns first: they stand in the subquery.
  const { rows } = await db.query<{ place: number; texts: (string | null)[] }>(
    `select banyan_key.place::int4 as place, banyan_row.texts
     from unnest(${given}) with ordinality as banyan_key(${key.join(', ')}, place)
     cross join lateral (select array[${side.texts.join(', ')}] as texts from ${fromTable(side)}
       where (${columnList(side.table.key)}) = (${wanted}) and ${withinFilter(side)}) as banyan_row`,
    side.key.map((_, index) => names.map((name) => name[own][index])),
  );
  for (const { place, texts } of rows) values[place - 1] = texts;
  return values;
}

export interface Pair {
  readonly name: RowName;
  readonly owner: RowValues | undefined;
  readonly follower: RowValues | undefined;
}

/** Both sides' present values of some rows; the owner is read first, so a row that differs only by the lag can be told later. */
export async function readPairs(
  pools: { readonly owner: Queryable; readonly follower: Queryable },
  compared: Compared,
  names: readonly RowName[],
): Promise<Pair[]> {
  const { owner, follower, sides } = compared;
  const mine = await readByKey(pools.owner, { side: sides[owner], names, own: 'ownerKey' });
  const theirs = await readByKey(pools.follower, { side: sides[follower], names, own: 'followerKey' });
  return names.map((name, index) => ({ name, owner: mine[index], follower: theirs[index] }));
}

/** Whether two rows are the same, as texts: NULL is not '', 1.0 is not 1.00. */
export function sameValues(first: RowValues | undefined, second: RowValues | undefined): boolean {
  if (first === undefined || second === undefined) return first === second;
  return first.length === second.length && first.every((value, index) => value === second[index]);
}
