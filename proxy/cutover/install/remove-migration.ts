import { escapeIdentifier, type Client } from 'pg';
import type { CutoverPlan } from '../plan.types.ts';
import { objectsOf } from './names.ts';
import { withPatientLock } from './patient-lock.ts';
import type { Roles } from './roles.ts';

interface Removal {
  readonly plan: CutoverPlan;
  readonly roles: Roles;
  readonly lockWaitMs: number;
  readonly giveUpMs: number;
}

interface DatasetRow {
  readonly id: number;
  readonly name: string;
  readonly schema: string;
  readonly relation: string | null;
  /** Another migration copies a table of the same schema. */
  readonly shared: boolean;
}

/** Takes one migration out of a database that others are installed in; can be called again after anything. */
export async function removeMigration(client: Client, removal: Removal): Promise<string[]> {
  const { plan, roles, lockWaitMs, giveUpMs } = removal;
  const { migration } = plan;
  const { rows: datasets } = await client.query<DatasetRow>(
    `select d.dataset_id as id, d.name, d.schema_name::text as schema,
       to_regclass(format('%I.%I', d.schema_name, d.table_name))::text as relation,
       exists (select from banyan.datasets o join banyan.groups og using (group_id)
         where og.migration <> $1 and o.schema_name = d.schema_name) as shared
     from banyan.datasets d join banyan.groups g using (group_id) where g.migration = $1 order by 1`,
    [migration],
  );
  const changes: string[] = [];
  for (const dataset of datasets) {
    const statements = [
      // The guard of the tables looks at what stands in the books, so that goes first.
      ...(await deletions(client, 'datasets', [dataset.id])),
      ...(await tableStatements(client, dataset, roles)),
      ...objectStatements(dataset.id),
    ];
    const table = dataset.relation ?? 'banyan.datasets';
    await withPatientLock(client, statements, { table, waitMs: lockWaitMs, giveUpMs });
    changes.push(`dataset ${dataset.name}`);
  }
  const { rows: groups } = await client.query<{ name: string; id: number }>(
    'select name, group_id as id from banyan.groups where migration = $1',
    [migration],
  );
  const ids = groups.map(({ id }) => id);
  await client.query('begin');
  await client.query('delete from banyan.positions where group_name = any($1)', [
    groups.map(({ name }) => name),
  ]);
  await client.query('delete from banyan.outbox where group_id = any($1)', [ids]);
  for (const statement of await deletions(client, 'groups', ids)) await client.query(statement);
  const { rowCount } = await client.query('delete from banyan.installation where migration = $1', [
    migration,
  ]);
  await client.query('commit');
  if (rowCount === 1) changes.push(`migration ${migration}`);
  return changes;
}

/** Of whatever refers to these rows, and of the rows themselves. */
async function deletions(
  client: Client,
  of: 'datasets' | 'groups',
  ids: readonly number[],
): Promise<string[]> {
  if (ids.length === 0) return [];
  const { rows } = await client.query<{ at: string }>(
    `select format('%s where %I', c.conrelid::regclass, a.attname) as at
     from pg_constraint c join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
     where c.contype = 'f' and c.confrelid = $1::regclass order by 1`,
    [`banyan.${of}`],
  );
  const own = `banyan.${of} where ${of === 'datasets' ? 'dataset_id' : 'group_id'}`;
  return [...rows.map(({ at }) => at), own].map((at) => `delete from ${at} in (${ids.join(', ')})`);
}

async function tableStatements(client: Client, dataset: DatasetRow, roles: Roles): Promise<string[]> {
  const { relation, schema, shared } = dataset;
  if (relation === null) return [];
  const { rows } = await client.query<{ statement: string }>(
    `select format('drop trigger if exists %I on %s', t.tgname, t.tgrelid::regclass) as statement
     from pg_trigger t join pg_proc p on p.oid = t.tgfoid
     where p.pronamespace = 'banyan'::regnamespace and not t.tgisinternal and t.tgparentid = 0
       and (t.tgrelid = $1::regclass or t.tgrelid in (select relid from pg_partition_tree($1::regclass)))
     union all
     select format('revoke all on sequence %s from ', d.objid::regclass) || $2
     from pg_depend d join pg_class c on c.oid = d.objid and c.relkind = 'S'
     where d.refobjid = $1::regclass and d.deptype = 'a' and d.classid = 'pg_class'::regclass`,
    [relation, namesOf(roles)],
  );
  return [
    ...rows.map(({ statement }) => statement),
    `revoke all on ${relation} from ${namesOf(roles)}`,
    ...(shared ? [] : [`revoke all on schema ${escapeIdentifier(schema)} from ${namesOf(roles)}`]),
  ];
}

function namesOf(roles: Roles): string {
  return Object.values(roles)
    .map((role: string) => escapeIdentifier(role))
    .join(', ');
}

function objectStatements(datasetId: number): string[] {
  const { image, write, unseen, captured, copyLock } = objectsOf(datasetId);
  return [
    `delete from banyan.outbox where dataset_id = ${datasetId}`,
    `drop function if exists ${write}()`,
    `drop function if exists ${unseen}()`,
    `drop view if exists ${captured}`,
    `drop table if exists ${copyLock}`,
    `drop type if exists ${image}`,
  ];
}
