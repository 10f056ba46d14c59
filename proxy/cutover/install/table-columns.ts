import type { ClientBase } from 'pg';
import type { Side } from '#flags/stages.ts';
import type { DatasetPlan } from '../plan.types.ts';
import { capturedColumns } from './captured-columns.ts';
import { installError } from './failures.ts';
import { tableName } from './names.ts';

export interface TableColumn {
  readonly name: string;
  /** As `format_type` writes it with an empty search path: qualified where it is not PostgreSQL's own. */
  readonly type: string;
  /** Object id of the type. */
  readonly typeId: number;
}

export interface DatasetTable {
  readonly partitioned: boolean;
  /** All columns of the table. */
  readonly columns: readonly TableColumn[];
}

/**
 * Reads a dataset's table from the catalog.
 * @throws TABLE_UNFIT when it is not there, is no table, has children by inheritance, or lacks a column of the plan
 */
export async function readTable(client: ClientBase, dataset: DatasetPlan, side: Side): Promise<DatasetTable> {
  const name = tableName(dataset, side);
  const unfit = (why: string) => installError('TABLE_UNFIT', `${name} of dataset ${dataset.name} ${why}`);
  const { schema, table } = dataset.tables[side];
  const found = await client.query<{ kind: string; inherited: boolean }>(
    `select c.relkind::text as kind,
       c.relkind = 'r' and exists (select from pg_inherits i where i.inhparent = c.oid) as inherited
     from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relname = $2`,
    [schema, table],
  );
  const [row] = found.rows;
  if (row === undefined) throw unfit('is not there');
  if (row.kind !== 'r' && row.kind !== 'p') throw unfit('is no table');
  if (row.inherited) throw unfit('has children by inheritance, whose writes no trigger of it sees');
  const columns = await client.query<TableColumn & { virtual: boolean }>(
    `select a.attname as name, format_type(a.atttypid, a.atttypmod) as type, a.atttypid as "typeId",
       a.attgenerated::text = 'v' as virtual
     from pg_attribute a where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped order by a.attnum`,
    [name],
  );
  for (const column of capturedColumns(dataset, side)) {
    const there = columns.rows.find((candidate) => candidate.name === column);
    if (there === undefined) throw unfit(`has no column ${column}`);
    if (there.virtual) throw unfit(`computes ${column} when it is read, so no trigger sees its value`);
  }
  return { partitioned: row.kind === 'p', columns: columns.rows };
}
