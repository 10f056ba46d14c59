import type { Pool, PoolClient } from 'pg';
import type { TablePlan } from '../plan.types.ts';
import { tableName } from './names.ts';

export type Queryable = Pick<Pool | PoolClient, 'query'>;

export interface TableColumn {
  readonly name: string;
  readonly oid: number;
  /** Name of the type without its modifier; a cast to it cuts nothing off, an assignment then checks the length. */
  readonly bareType: string;
  /** Name of the type with its modifier, e.g. `numeric(14,2)`. */
  readonly fullType: string;
  /** The same on every PostgreSQL, not made by someone. */
  readonly builtIn: boolean;
}

const firstOidOfOthers = 16_384;

/** The columns of a table, by name. Throws PostgreSQL's own error where there is no such table. */
export async function readColumns(
  db: Queryable,
  table: TablePlan,
): Promise<ReadonlyMap<string, TableColumn>> {
  const { rows } = await db.query<{ name: string; oid: number; bare: string; full: string }>(
    `select attname::text as name, atttypid as oid, format_type(atttypid, -1) as bare,
       format_type(atttypid, atttypmod) as full
     from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped order by attnum`,
    [tableName(table)],
  );
  return new Map(
    rows.map(({ name, oid, bare, full }) => [
      name,
      { name, oid, bareType: bare, fullType: full, builtIn: oid < firstOidOfOthers },
    ]),
  );
}

/**
 * The key columns in the order of a unique index over exactly them, so that walking along the key walks along that index;
 * without one in the order of the plan.
 */
export async function readKeyOrder(db: Queryable, table: TablePlan): Promise<readonly string[]> {
  const { rows } = await db.query<{ columns: string[] }>(
    `select (select array_agg(a.attname::text order by k.place)
         from unnest(i.indkey::int2[]) with ordinality as k(attnum, place)
         join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
         where k.place <= i.indnkeyatts) as columns
     from pg_index i
     where i.indrelid = $1::regclass and i.indisunique and i.indisvalid and i.indpred is null and i.indexprs is null
     order by i.indisprimary desc, i.indexrelid`,
    [tableName(table)],
  );
  const wanted = [...table.key].sort().join('\0');
  return (
    rows.map(({ columns }) => columns).find((columns) => [...columns].sort().join('\0') === wanted) ??
    table.key
  );
}

/** About how many rows a select over the table gives, from the planner's statistics and the table's present size. */
export async function estimateRows(db: Queryable, table: TablePlan): Promise<number> {
  const where = table.filter === undefined ? '' : ` where (${table.filter})`;
  const { rows } = await db.query<{ 'QUERY PLAN': string }>(
    `explain (format json) select 1 from ${tableName(table)}${where}`,
  );
  const plan = JSON.parse(rows[0]?.['QUERY PLAN'] ?? '[]') as { Plan: { 'Plan Rows': number } }[];
  return plan[0]?.Plan['Plan Rows'] ?? 0;
}
