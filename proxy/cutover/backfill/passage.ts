import type { Pool } from 'pg';
import type { Side } from '#flags/stages.ts';
import { bucketSql } from '../bucket.ts';
import { mappingFrom, otherSide, type MappedColumn } from '../plan.ts';
import type { CutoverPlan, DatasetPlan, TablePlan } from '../plan.types.ts';
import { readColumns, readKeyOrder, type TableColumn } from './catalog.ts';
import { walkOf, type Walk } from './keyset.ts';

/** One dataset on its way from one side to the other, with what both catalogs say about it. */
export interface Passage {
  readonly dataset: DatasetPlan;
  readonly from: Side;
  readonly to: Side;
  readonly walk: Walk;
  readonly mapping: readonly MappedColumn[];
  readonly target: TablePlan;
  /** The written columns, in the order of the mapping. */
  readonly columns: readonly TableColumn[];
  /** SQL of the bucket of a row `r` of the target's columns. */
  readonly bucket: string;
}

export interface PassagePools {
  readonly source: Pool;
  readonly target: Pool;
}

export async function readPassage(pools: PassagePools, dataset: DatasetPlan, to: Side): Promise<Passage> {
  const from = otherSide(to);
  const source = dataset.tables[from];
  const target = dataset.tables[to];
  const mapping = mappingFrom(dataset, from);
  const [sourceColumns, keyOrder, targetColumns] = await Promise.all([
    readColumns(pools.source, source),
    readKeyOrder(pools.source, source),
    readColumns(pools.target, target),
  ]);
  const columns = mapping.map(({ column }) => {
    const found = targetColumns.get(column);
    if (found === undefined) throw new Error(`${target.schema}.${target.table} has no column ${column}`);
    return found;
  });
  return {
    dataset,
    from,
    to,
    walk: walkOf(source, keyOrder, sourceColumns),
    mapping,
    target,
    columns,
    bucket: bucketSql(dataset, to, 'r'),
  };
}

export function datasetsOf(plan: CutoverPlan): readonly DatasetPlan[] {
  return plan.groups.flatMap(({ datasets }) => datasets);
}
