import { tableName } from '../backfill/names.ts';
import type { Queryable } from '../backfill/catalog.ts';
import type { TablePlan } from '../plan.types.ts';

/** A stretch of one table's file: a part of a scan. The parts of a table hold each row version once, in one snapshot. */
export interface Stretch {
  /** Quoted, as it stands after FROM. */
  readonly relation: string;
  /** SQL condition. */
  readonly condition: string;
}

interface Leaf {
  readonly relation: string;
  readonly blocks: number;
}

/**
 * The table in parts of about `blocks` pages (8 KiB), by row address; partitions each on their own. The last part of each is
 * open, since the file may grow.
 */
export async function readStretches(db: Queryable, table: TablePlan, blocks: number): Promise<Stretch[]> {
  const { rows } = await db.query<Leaf>(
    `select format('%I.%I', n.nspname, c.relname) as relation,
       (pg_relation_size(c.oid) / current_setting('block_size')::int8)::int4 as blocks
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'f') and c.oid in (
       select $1::regclass::oid union select relid::oid from pg_partition_tree($1::regclass) where isleaf)`,
    [tableName(table)],
  );
  return rows.flatMap(({ relation, blocks: size }) => {
    const parts = Math.max(1, Math.ceil(size / blocks));
    return Array.from({ length: parts }, (_, index) => {
      const from = `ctid >= '(${index * blocks},0)'::tid`;
      const to = ` and ctid < '(${(index + 1) * blocks},0)'::tid`;
      return { relation: `only ${relation}`, condition: index === parts - 1 ? from : from + to };
    });
  });
}
