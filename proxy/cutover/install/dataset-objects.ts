import { escapeIdentifier, type ClientBase } from 'pg';
import type { Side } from '#flags/stages.ts';
import type { DatasetPlan } from '../plan.types.ts';
import { capturedColumns, writtenColumns } from './captured-columns.ts';
import { installError } from './failures.ts';
import { objectsOf, tableName } from './names.ts';
import type { Roles } from './roles.ts';
import { readTable, type DatasetTable } from './table-columns.ts';
import { recordPartitions } from './partitions.ts';
import { unseenFunctionBody, unseenFunctionSql } from './unseen-function.ts';
import { isWhole } from './whole-rows.ts';
import { writeFunctionBody, writeFunctionSql, type WriteFunctionInput } from './write-function.ts';

export interface DatasetTarget {
  readonly dataset: DatasetPlan;
  readonly side: Side;
  readonly roles: Roles;
}

export interface InstalledDataset extends DatasetTarget {
  readonly datasetId: number;
  readonly groupId: number;
  readonly table: DatasetTable;
  /** Its images are texts of whole rows. */
  readonly whole: boolean;
}

/** Makes or mends what belongs to one dataset but its triggers: its row, image type, view, copy lock, function and grants. */
export async function ensureDataset(
  client: ClientBase,
  target: DatasetTarget,
): Promise<{ readonly installed: InstalledDataset; readonly changes: string[] }> {
  const { dataset, side, roles } = target;
  const table = await readTable(client, dataset, side);
  await refuseOwner(client, target);
  const ids = await datasetRow(client, target);
  const changes: string[] = [];
  await client.query('begin');
  try {
    const { schema } = dataset.tables[side];
    await client.query(
      `grant usage on schema ${escapeIdentifier(schema)} to ${escapeIdentifier(roles.definer)}, ${escapeIdentifier(roles.applier)}`,
    );
    await client.query(`set local role ${escapeIdentifier(roles.definer)}`);
    const isNew = !(await isThere(client, objectsOf(ids.datasetId).copyLock));
    // Of an older installation the image type stays as it is, since the outbox holds rows of its form.
    const installed = { ...target, ...ids, table, whole: isNew ? isWhole(target, table) : ids.whole };
    if (isNew) {
      for (const statement of objectStatements(installed)) await client.query(statement);
      changes.push(`dataset ${dataset.name}`);
    }
    if (!(await hasFunctions(client, inputOf(installed)))) {
      await client.query(writeFunctionSql(inputOf(installed)));
      await client.query(unseenFunctionSql(inputOf(installed)));
      const { write, unseen } = objectsOf(ids.datasetId);
      await client.query(`revoke all on function ${write}(), ${unseen}() from public`);
      changes.push(`function of ${dataset.name}`);
    }
    changes.push(...(await recordPartitions(client, installed)));
    await client.query('reset role');
    await client.query(applierGrants(target));
    await client.query('commit');
    return { installed, changes };
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

export function inputOf(installed: InstalledDataset): WriteFunctionInput {
  const { dataset, side, datasetId, groupId, roles, table, whole } = installed;
  return { dataset, side, datasetId, groupId, applier: roles.applier, columns: table.columns, whole };
}

/** Whether the functions on the database say what this program's say. */
export async function hasFunctions(client: ClientBase, input: WriteFunctionInput): Promise<boolean> {
  const { write, unseen } = objectsOf(input.datasetId);
  const { rows } = await client.query<{ write: string | null; unseen: string | null }>(
    `select (select prosrc from pg_proc where oid = to_regproc($1)) as write,
       (select prosrc from pg_proc where oid = to_regproc($2)) as unseen`,
    [write, unseen],
  );
  return rows[0]?.write === writeFunctionBody(input) && rows[0].unseen === unseenFunctionBody(input);
}

async function isThere(client: ClientBase, relation: string): Promise<boolean> {
  const { rowCount } = await client.query('select where to_regclass($1) is not null', [relation]);
  return rowCount === 1;
}

function objectStatements({ dataset, side, datasetId, table, whole }: InstalledDataset): string[] {
  const { image, captured, copyLock } = objectsOf(datasetId);
  const columns = whole ? table.columns.map(({ name }) => name) : capturedColumns(dataset, side);
  const fields = columns.map((name) => {
    const type = table.columns.find((column) => column.name === name)?.type ?? '';
    return `${escapeIdentifier(name)} ${type}`;
  });
  return [
    `create type ${image} as (${fields.join(', ')})`,
    // Never read. While it stands, PostgreSQL itself refuses to drop the table or a column of these, or to change its type.
    `create view ${captured} as select ${columns.map((name) => escapeIdentifier(name)).join(', ')} from ${tableName(dataset, side)}`,
    `create table ${copyLock} ()`,
    `update banyan.datasets set whole = ${whole} where dataset_id = ${datasetId}`,
  ];
}

/** Reads all; writes only what the mapping fills, and draws from the sequences behind the defaults of the rest. */
function applierGrants({ dataset, side, roles }: DatasetTarget): string {
  const table = tableName(dataset, side);
  const to = escapeIdentifier(roles.applier);
  const columns = writtenColumns(dataset, side)
    .map((name) => escapeIdentifier(name))
    .join(', ');
  return `grant select, delete, insert (${columns}), update (${columns}) on ${table} to ${to};
    do $do$ declare owned regclass; begin
      for owned in select d.objid::regclass from pg_depend d join pg_class c on c.oid = d.objid and c.relkind = 'S'
        where d.refobjid = '${table.replaceAll("'", "''")}'::regclass and d.deptype = 'a' and d.classid = 'pg_class'::regclass loop
        execute format('grant usage on sequence %s to %I', owned, '${roles.applier.replaceAll("'", "''")}');
      end loop;
    end $do$;`;
}

async function refuseOwner(client: ClientBase, { dataset, side, roles }: DatasetTarget): Promise<void> {
  const { rowCount } = await client.query(
    `select from pg_class c join pg_roles r on r.oid = c.relowner where c.oid = $1::regclass and r.rolname = $2`,
    [tableName(dataset, side), roles.applier],
  );
  if (rowCount !== 0)
    throw installError(
      'APPLIER_UNFIT',
      `${roles.applier} can't be the applier: it owns ${tableName(dataset, side)}, and the gate lets all of the applier's writes through`,
    );
}

async function datasetRow(client: ClientBase, { dataset, side }: DatasetTarget) {
  const { schema, table, key, partitionKey, filter } = dataset.tables[side];
  const columns = capturedColumns(dataset, side);
  const values = [dataset.group, dataset.name, schema, table, key, partitionKey, columns, filter ?? null];
  await client.query(
    `insert into banyan.datasets
       (group_id, name, schema_name, table_name, key_columns, partition_columns, columns, filter)
     select group_id, $2, $3, $4, $5::name[], $6::name[], $7::name[], $8 from banyan.groups where name = $1
     on conflict (name) do nothing`,
    values,
  );
  const { rows } = await client.query<{
    datasetId: number;
    groupId: number;
    whole: boolean;
    same: boolean;
  }>(
    `select d.dataset_id as "datasetId", d.group_id as "groupId", d.whole,
       (g.name, d.schema_name::text, d.table_name::text, d.key_columns, d.partition_columns, d.columns)
         = ($1::text, $3::text, $4::text, $5::name[], $6::name[], $7::name[]) and d.filter is not distinct from $8 as same
     from banyan.datasets d join banyan.groups g using (group_id) where d.name = $2`,
    values,
  );
  const [row] = rows;
  if (row?.same !== true)
    throw installError(
      'COLUMNS_CHANGED',
      `dataset ${dataset.name} is installed with another table, key, filter or other columns, and the outbox may hold rows of that form: uninstall and install again, and begin the copy anew`,
    );
  return { datasetId: row.datasetId, groupId: row.groupId, whole: row.whole };
}
