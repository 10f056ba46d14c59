import { escapeIdentifier, escapeLiteral, type Pool } from 'pg';
import type { Side } from '#flags/stages.ts';
import { mappingFrom, otherSide, type MappedColumn } from '../plan.ts';
import type { DatasetPlan, GroupPlan } from '../plan.types.ts';
import { streamFailure } from './failures.ts';
import { imageSql, type ImageForm } from './image.ts';
import { beforeAll } from './snapshot.ts';

/** One group as the side that is followed knows it, with the SQL that maps its rows. */
export interface SourceGroup {
  readonly name: string;
  readonly groupId: number;
  /** Another one at each start of the capture. */
  readonly generation: number;
  /** Where a reader begins that never stood anywhere; pg_snapshot as text. */
  readonly start: string;
  /** Name of a dataset by this side's number. */
  readonly datasets: ReadonlyMap<number, string>;
  /** SQL over an outbox row `o`: the mapped key, and the mapped values, as text forms of text[]. */
  readonly keySql: string;
  readonly valuesSql: string;
}

interface GroupRow {
  readonly group_id: number;
  readonly capture_generation: number;
  readonly gone_to: string;
  readonly capture_stopped: string | null;
  readonly dataset_id: number;
  readonly name: string;
  readonly whole: boolean;
  readonly relation: string | null;
  readonly fields: number;
  readonly last_column: number | null;
}

/** @throws StreamFailure `source-refuses` where the group or a dataset is not installed on this side */
export async function sourceGroup(options: {
  readonly pool: Pool;
  readonly group: GroupPlan;
  readonly from: Side;
}): Promise<SourceGroup> {
  const { pool, group, from } = options;
  const { rows } = await pool.query<GroupRow>(
    `select g.group_id, g.capture_generation, g.capture_stopped, g.gone_to, d.dataset_id, d.name, d.whole,
       t.relation::oid::text as relation, cardinality(d.columns) as fields,
       (select max(a.attnum) from pg_attribute a where a.attrelid = t.relation and a.attname = any(d.columns)) as last_column
     from banyan.groups g join banyan.datasets d using (group_id)
     cross join lateral (select to_regclass(format('%I.%I', d.schema_name, d.table_name)) as relation) t
     where g.name = $1`,
    [group.name],
  );
  const formOf = new Map(rows.map((row) => [row.name, formOfRow(row)]));
  const missing = group.datasets.find(({ name }) => !formOf.has(name));
  const groupId = rows[0]?.group_id;
  if (missing !== undefined || groupId === undefined) {
    throw streamFailure('source-refuses', `${missing?.name ?? group.name} is not installed on the ${from}`);
  }
  const { capture_generation: generation = 0, capture_stopped: stopped } = rows[0] ?? {};
  if (typeof stopped === 'string') throw streamFailure('over-limit', stopped);
  const branches = group.datasets.flatMap((dataset) => {
    const form = formOf.get(dataset.name);
    return form === undefined ? [] : [{ dataset, form }];
  });
  return {
    name: group.name,
    groupId,
    generation,
    start: rows[0]?.gone_to ?? beforeAll,
    datasets: new Map(branches.map(({ dataset, form }) => [form.datasetId, dataset.name])),
    keySql: byDataset(branches, (dataset) => keyColumns(dataset, from).map(textOf)),
    valuesSql: byDataset(branches, (dataset) => {
      const keys = dataset.tables[otherSide(from)].key;
      return mappingFrom(dataset, from).map((column) =>
        keys.includes(column.column) ? textOf(column) : `case when o.op <> 'D' then ${textOf(column)} end`,
      );
    }),
  };
}

function formOfRow(row: GroupRow): ImageForm {
  const { dataset_id: datasetId, relation, last_column: lastColumn, fields } = row;
  // A table that is not where it was: the catalog says why nothing is read; its whole images are taken as they are.
  if (relation === null || lastColumn === null)
    return { datasetId, whole: false, relation: '0', fields, lastColumn: 0 };
  return { datasetId, whole: row.whole, relation, fields, lastColumn };
}

function keyColumns(dataset: DatasetPlan, from: Side): MappedColumn[] {
  const columns = new Map(mappingFrom(dataset, from).map((column) => [column.column, column]));
  return dataset.tables[otherSide(from)].key.map((key) => {
    const column = columns.get(key);
    if (column === undefined)
      throw streamFailure('source-refuses', `nothing fills the key column ${key} of ${dataset.name}`);
    return column;
  });
}

/** Columns are qualified where there is no expression; in an expression they are found as those of the nearest row. */
function textOf({ expression, source = '' }: MappedColumn): string {
  return `(${expression ?? `captured.${escapeIdentifier(source)}`})::pg_catalog.text`;
}

/** `offset 0` keeps the image from being parsed once for each of its columns. */
function byDataset(
  branches: readonly { dataset: DatasetPlan; form: ImageForm }[],
  texts: (dataset: DatasetPlan) => string[],
): string {
  const cases = branches.map(
    ({ dataset, form }) => `when ${form.datasetId} then (select array[${texts(dataset).join(', ')}]::text from
      (select (taken.r).* from (select ${imageSql(form)} as r offset 0) taken) captured)`,
  );
  return `case o.dataset_id ${cases.join('\n')} end`;
}

/** @returns what `pg_snapshot` and other text literals look like inside a command that takes no parameters */
export const literal = escapeLiteral;
