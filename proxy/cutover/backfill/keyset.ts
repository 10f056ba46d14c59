import { escapeIdentifier, escapeLiteral } from 'pg';
import type { TablePlan } from '../plan.types.ts';
import type { Queryable, TableColumn } from './catalog.ts';
import { columnList, keyArray, tableName } from './names.ts';

/** Key values as text, in the order of the key of the walk. */
export type KeyValues = readonly string[];

/** After `lower`, up to and with `upper`; `undefined` is open, so that the last range also takes what comes later. */
export interface KeyRange {
  readonly lower: KeyValues | undefined;
  readonly upper: KeyValues | undefined;
}

/** A table to be walked along its key, in the order that its own index has. */
export interface Walk {
  readonly table: TablePlan;
  readonly key: readonly TableColumn[];
}

export function walkOf(
  table: TablePlan,
  names: readonly string[],
  columns: ReadonlyMap<string, TableColumn>,
): Walk {
  return {
    table,
    key: names.map((name) => {
      const column = columns.get(name);
      if (column === undefined) throw new Error(`${table.schema}.${table.table} has no column ${name}`);
      return column;
    }),
  };
}

/**
 * SQL condition of a range within the filter. A comparison of rows, with each column's own type and collation: that is how
 * the index sorts, whatever the collation is, and the ranges of one walk overlap nowhere and leave nothing out.
 */
export function rangeCondition({ table, key }: Walk, { lower, upper }: KeyRange): string {
  const conditions = [
    ...(table.filter === undefined ? [] : [`(${table.filter})`]),
    ...(lower === undefined ? [] : [`${rowOf(key)} > ${valuesOf(key, lower)}`]),
    ...(upper === undefined ? [] : [`${rowOf(key)} <= ${valuesOf(key, upper)}`]),
  ];
  return conditions.length === 0 ? 'true' : conditions.join(' and ');
}

/** The key of the `rows`-th row after `lower`, or `undefined` where fewer are left. */
export async function keyAfter(
  db: Queryable,
  walk: Walk,
  { lower, rows }: { readonly lower: KeyValues | undefined; readonly rows: number },
): Promise<KeyValues | undefined> {
  const names = walk.key.map(({ name }) => name);
  const result = await db.query<{ key: string[] }>(
    `select ${keyArray(names)} as key from ${tableName(walk.table)}
     where ${rangeCondition(walk, { lower, upper: undefined })}
     order by ${columnList(names)} offset ${rows - 1} limit 1`,
  );
  return result.rows[0]?.key;
}

function rowOf(key: readonly TableColumn[]): string {
  return `(${key.map(({ name }) => escapeIdentifier(name)).join(', ')})`;
}

function valuesOf(key: readonly TableColumn[], values: KeyValues): string {
  return `(${key.map(({ bareType }, index) => `${escapeLiteral(values[index] ?? '')}::${bareType}`).join(', ')})`;
}
