import { readFileSync } from 'node:fs';
import { Client } from 'pg';
import { pino } from 'pino';
import type { Side } from '#flags/stages.ts';
import { otherSide } from '#proxy/cutover/plan.ts';
import type { CutoverPlan } from '#proxy/cutover/plan.types.ts';

// The engine's tables without gate and capture: what the applies do, these tests do by hand.

const schemaFiles = ['001-tables.sql', '002-gate.sql', '010-stream.sql', '020-bulk.sql'].map((name) =>
  readFileSync(new URL(`../../../../proxy/cutover/schema/${name}`, import.meta.url), 'utf8').replaceAll(
    ':"applier"',
    'current_user',
  ),
);

export const silent = pino({ level: 'silent' });

export async function run(url: string, text: string, values: readonly unknown[] = []) {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text, [...values])).rows as Record<string, unknown>[];
  } finally {
    await client.end();
  }
}

/** The plan with the superuser as the applier: these tests are not about privileges. */
export function asSuperuser(plan: CutoverPlan): CutoverPlan {
  const { monolith, service } = plan.databases;
  const url = (side: typeof monolith) => ({ url: side.installUrl ?? side.url, installUrl: side.installUrl });
  return { ...plan, databases: { monolith: url(monolith), service: url(service) } };
}

export async function prepare(plan: CutoverPlan, owner: Side): Promise<void> {
  await prepareSide(plan, owner, 'owner');
  await prepareSide(plan, otherSide(owner), 'follower');
}

async function prepareSide(plan: CutoverPlan, side: Side, state: 'owner' | 'follower'): Promise<void> {
  const client = new Client({ connectionString: plan.databases[side].url });
  await client.connect();
  try {
    await client.query(`create schema if not exists banyan; ${schemaFiles.join('\n')}`);
    await client.query('insert into banyan.installation values ($1, $2, current_user)', [
      plan.migration,
      side,
    ]);
    for (const group of plan.groups) {
      const { rows } = await client.query<{ group_id: number }>(
        'insert into banyan.groups (migration, name, buckets) values ($1, $2, $3) returning group_id',
        [plan.migration, group.name, group.buckets],
      );
      const groupId = rows[0]?.group_id;
      await client.query(
        `insert into banyan.buckets (group_id, bucket, state, epoch)
         select $1, b, $2, 1 from generate_series(0, $3::int - 1) b`,
        [groupId, state, group.buckets],
      );
      for (const dataset of group.datasets) {
        const { schema, table, key, partitionKey } = dataset.tables[side];
        const made = await client.query<{ dataset_id: number }>(
          `insert into banyan.datasets (group_id, name, schema_name, table_name, key_columns, partition_columns, columns)
           values ($1, $2, $3, $4, $5, $6, $5) returning dataset_id`,
          [groupId, dataset.name, schema, table, key, partitionKey],
        );
        await client.query(`create table banyan.copy_lock_${made.rows[0]?.dataset_id} ()`);
      }
    }
  } finally {
    await client.end();
  }
}

/** What an apply notes: this side has the row's version, or its tombstone. Takes the class lock as an apply does. */
export async function noteApplied(
  url: string,
  {
    dataset,
    key,
    deleted,
    sql = 'select 1',
  }: { dataset: string; key: string; deleted: boolean; sql?: string },
): Promise<void> {
  await run(
    url,
    `do $$ declare id smallint := (select dataset_id from banyan.datasets where name = '${dataset}'); begin
       execute format('lock table banyan.copy_lock_%s in row exclusive mode', id);
       execute $s$${sql}$s$;
       insert into banyan.applied values (id, '${key}', 1, nextval('banyan.seq'), ${deleted});
     end $$`,
  );
}
