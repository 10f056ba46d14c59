import type { Client } from 'pg';
import type { Side } from '#flags/stages.ts';
import { installerClient } from '../database.ts';
import type { CutoverPlan, DatasetPlan } from '../plan.types.ts';
import { capturedColumns } from './captured-columns.ts';
import { hasFunctions, inputOf } from './dataset-objects.ts';
import { tableName, writeTrigger } from './names.ts';
import { installedMigrations } from './other-migrations.ts';
import type { InstalledState } from './report.types.ts';
import { rolesOf } from './roles.ts';
import { filesThatRan, schemaFiles, schemaFolder } from './schema-files.ts';
import { readTable } from './table-columns.ts';

/** What is installed on a side, and where it differs from the plan; `undefined`: nothing of Banyan's is there. */
export async function installed(
  plan: CutoverPlan,
  side: Side,
  { folder = schemaFolder }: { readonly folder?: URL } = {},
): Promise<InstalledState | undefined> {
  const client = installerClient(plan, side, { part: 'status' });
  await client.connect();
  try {
    const { rowCount } = await client.query(`select from pg_namespace where nspname = 'banyan'`);
    if (rowCount === 0) return undefined;
    const ran = await filesThatRan(client);
    const version = Number(ran.at(-1)?.slice(0, 3) ?? 0);
    const pending = schemaFiles(folder).filter((name) => !ran.includes(name));
    if (pending.length > 0)
      return { version, differences: pending.map((name) => `file ${name} has not run: upgrade`) };
    return { version, differences: await differencesOf(client, plan, side) };
  } finally {
    await client.end();
  }
}

async function differencesOf(client: Client, plan: CutoverPlan, side: Side): Promise<string[]> {
  const migrations = await installedMigrations(client);
  const there = migrations.find(({ migration }) => migration === plan.migration);
  if (there === undefined)
    return migrations.length === 0
      ? ['the installation was not finished: install again']
      : [`only ${migrations.map(({ migration }) => migration).join(', ')} is installed here: install`];
  if (there.side !== side) return [`it is installed as the ${there.side} of ${there.migration}`];
  const problems = await client.query<{ problem: string }>(
    'select problem from banyan.table_problems() join banyan.datasets using (dataset_id) where name = any($1)',
    [plan.groups.flatMap(({ datasets }) => datasets.map(({ name }) => name))],
  );
  const found = problems.rows.map(({ problem }) => problem);
  // What is gone can't be looked at any closer.
  if (found.length > 0) return found;
  for (const dataset of plan.groups.flatMap(({ datasets }) => datasets))
    found.push(...(await datasetDifferences(client, { plan, dataset, side })));
  return found;
}

interface Looked {
  readonly plan: CutoverPlan;
  readonly dataset: DatasetPlan;
  readonly side: Side;
}

async function datasetDifferences(client: Client, { plan, dataset, side }: Looked): Promise<string[]> {
  const { rows } = await client.query<{
    datasetId: number;
    groupId: number;
    columns: string[];
    whole: boolean;
  }>(
    'select dataset_id as "datasetId", group_id as "groupId", columns, whole from banyan.datasets where name = $1',
    [dataset.name],
  );
  const [row] = rows;
  if (row === undefined) return [`dataset ${dataset.name} is not installed: install again`];
  const wanted = capturedColumns(dataset, side);
  if (row.columns.join() !== wanted.join())
    return [
      `dataset ${dataset.name} captures ${row.columns.join(', ')}, and the plan wants ${wanted.join(', ')}: uninstall and install`,
    ];
  const roles = await rolesOf(client, plan.databases[side].url);
  const table = await readTable(client, dataset, side);
  const early = await client.query<{ name: string }>(
    `select tgname::text as name from pg_trigger where tgrelid = $1::regclass and not tgisinternal
       and tgname < $2::name and tgtype & 3 = 1`,
    [tableName(dataset, side), writeTrigger],
  );
  return [
    ...((await hasFunctions(client, inputOf({ dataset, side, roles, table, ...row })))
      ? []
      : [`the function of dataset ${dataset.name} is another version's: upgrade`]),
    ...early.rows.map(
      ({ name }) =>
        `trigger ${name} on ${tableName(dataset, side)} fires before capture: what it writes into the same row is captured in the wrong sequence; give it a name that begins with a letter`,
    ),
  ];
}
