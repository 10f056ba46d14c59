import { escapeIdentifier, type Pool } from 'pg';
import { mappingFrom, otherSide } from '../plan.ts';
import type { DatasetPlan, GroupPlan } from '../plan.types.ts';
import type { Side } from '#flags/stages.ts';
import { deleteSql, putSql, type TargetColumn } from './apply-sql.ts';
import { streamFailure } from './failures.ts';
import { unknownSql } from './left-to-backfill.ts';

/** One group as the side that is written knows it. */
export interface TargetGroup {
  readonly name: string;
  readonly groupId: number;
  readonly buckets: 1 | 256;
  /** Parents first. */
  readonly datasets: readonly TargetDataset[];
  /** One of its tables has a constraint whose check can wait until all of a page is written. */
  readonly deferrable: boolean;
}

export interface TargetDataset {
  readonly name: string;
  readonly datasetId: number;
  readonly putSql: string;
  readonly deleteSql: string;
  /** Of the values in $1 (text[] of text forms): places of those of a row that this side knows nothing of. */
  readonly unknownSql: string;
  /** SQL over `a`, the values as text[]: the key as this side writes it. */
  readonly keySql: string;
  /** Deleting one of its rows changes rows that refer to it. */
  readonly cascades: boolean;
}

interface TableRow {
  readonly name: string;
  readonly group_id: number;
  readonly dataset_id: number;
  readonly relation: string | null;
  readonly cascades: boolean;
  readonly deferrable: boolean;
}

/** @throws StreamFailure `target-refuses` where something that is written is not there */
export async function targetGroup(options: {
  readonly pool: Pool;
  readonly group: GroupPlan;
  readonly from: Side;
}): Promise<TargetGroup> {
  const { pool, group, from } = options;
  const to = otherSide(from);
  const { rows } = await pool.query<TableRow>(
    `select d.name, g.group_id, d.dataset_id, t.relation::oid::text as relation,
       exists (select from pg_constraint where confrelid = t.relation and contype = 'f' and confdeltype in ('c', 'n', 'd'))
         as cascades,
       exists (select from pg_constraint where conrelid = t.relation and condeferrable) as deferrable
     from banyan.groups g join banyan.datasets d using (group_id)
     cross join lateral (select to_regclass(format('%I.%I', d.schema_name, d.table_name)) as relation) t
     where g.name = $1`,
    [group.name],
  );
  const found = new Map(rows.map((row) => [row.name, row]));
  const datasets = [];
  for (const dataset of group.datasets) {
    const row = found.get(dataset.name);
    if (row === undefined || row.relation === null)
      throw streamFailure('target-refuses', `${dataset.name} is not installed on the ${to}`);
    const columns = await columnsOf({ pool, dataset, from, relation: row.relation });
    datasets.push(targetDataset(dataset, to, row, columns));
  }
  return {
    name: group.name,
    groupId: rows[0]?.group_id ?? 0,
    buckets: group.buckets,
    datasets,
    deferrable: rows.some(({ deferrable }) => deferrable),
  };
}

function targetDataset(
  dataset: DatasetPlan,
  to: Side,
  row: TableRow,
  columns: readonly TargetColumn[],
): TargetDataset {
  const { schema, table, key } = dataset.tables[to];
  const written = {
    datasetId: row.dataset_id,
    groupId: row.group_id,
    table: `${escapeIdentifier(schema)}.${escapeIdentifier(table)}`,
    columns,
    key: key.map((name) => {
      const column = columns.find((candidate) => candidate.name === name);
      if (column === undefined)
        throw streamFailure('target-refuses', `nothing fills the key column ${name} of ${dataset.name}`);
      return column;
    }),
  };
  return {
    name: dataset.name,
    datasetId: row.dataset_id,
    putSql: putSql(written),
    deleteSql: deleteSql(written),
    unknownSql: unknownSql(written),
    keySql: `array[${written.key.map(({ keyText }) => keyText).join(', ')}]::text`,
    cascades: row.cascades,
  };
}

interface ColumnRow {
  readonly name: string;
  readonly type: string;
  readonly exact_type: string;
  readonly cuts: boolean;
  readonly generated: boolean;
  readonly identity_always: boolean;
}

async function columnsOf(options: {
  readonly pool: Pool;
  readonly dataset: DatasetPlan;
  readonly from: Side;
  readonly relation: string;
}): Promise<TargetColumn[]> {
  const { pool, dataset, from, relation } = options;
  const { rows } = await pool.query<ColumnRow>(
    `select a.attname as name, format_type(a.atttypid, -1) as type, format_type(a.atttypid, a.atttypmod) as exact_type,
       a.atttypid in ('varchar'::regtype, 'bpchar'::regtype, 'bit'::regtype, 'varbit'::regtype) as cuts,
       a.attgenerated <> '' as generated, a.attidentity = 'a' as identity_always
     from pg_attribute a where a.attrelid = $1::oid and a.attnum > 0 and not a.attisdropped`,
    [relation],
  );
  const known = new Map(rows.map((row) => [row.name, row]));
  return mappingFrom(dataset, from).map(({ column }, index) => {
    const row = known.get(column);
    if (row === undefined)
      throw streamFailure(
        'target-refuses',
        `${dataset.name} has no column ${column} on the ${otherSide(from)}`,
      );
    const value = `(a[${index + 1}])`;
    const keyValue = `${value}::${row.cuts ? row.type : row.exact_type}`;
    return {
      name: column,
      // Without the length: an explicit cast to varchar(3) cuts in silence, an assignment refuses.
      value: `${value}::${row.type}`,
      keyValue,
      keyText: `(${keyValue})::text`,
      written: !row.generated,
      updated: !row.generated && !row.identity_always,
    };
  });
}
