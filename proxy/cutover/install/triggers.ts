import type { ClientBase } from 'pg';
import type { DatasetPlan } from '../plan.types.ts';
import type { Side } from '#flags/stages.ts';
import type { InstalledDataset } from './dataset-objects.ts';
import { objectsOf, placeTrigger, tableName, truncateTrigger, unseenTrigger, writeTrigger } from './names.ts';
import { withPatientLock } from './patient-lock.ts';
import { escapeIdentifier } from 'pg';

export interface Patience {
  readonly waitMs: number;
  readonly giveUpMs: number;
}

interface Wanted {
  readonly trigger: string;
  readonly on: string;
  readonly sql: string;
}

/**
 * Puts the triggers onto a dataset's table. Their lock waits for every transaction that has written there, so whatever
 * reads the table after this has returned sees all that was written uncaptured.
 */
export async function ensureTriggers(
  client: ClientBase,
  installed: InstalledDataset,
  { waitMs, giveUpMs }: Patience,
): Promise<string[]> {
  const table = tableName(installed.dataset, installed.side);
  const missing: Wanted[] = [];
  for (const wanted of await wantedTriggers(client, installed)) {
    const { rowCount } = await client.query(
      `select from pg_trigger where tgrelid = $1::regclass and tgname = $2 and tgenabled = 'A'`,
      [wanted.on, wanted.trigger],
    );
    if (rowCount === 0) missing.push(wanted);
  }
  if (missing.length === 0) return [];
  const statements = missing.flatMap(({ trigger, on, sql }) => [
    `drop trigger if exists "${trigger}" on ${on}`,
    sql,
    // Also for a session that replays changes (session_replication_role = replica).
    `alter table ${on} enable always trigger "${trigger}"`,
  ]);
  await withPatientLock(client, statements, { table, waitMs, giveUpMs });
  return missing.map(({ trigger, on }) => `trigger ${trigger} on ${on}`);
}

async function wantedTriggers(client: ClientBase, installed: InstalledDataset): Promise<Wanted[]> {
  const { dataset, side, datasetId, table } = installed;
  const on = tableName(dataset, side);
  const row = (trigger: string, rest: string): Wanted => ({
    trigger,
    on,
    sql: `create trigger "${trigger}" ${rest}`,
  });
  const { rows } = await client.query<{ part: string }>(
    `select $1::regclass::text as part union select relid::text from pg_partition_tree($1::regclass)`,
    [on],
  );
  // PostgreSQL puts off what is AFTER a cascade's statement until it can't be told from the client's own; what is BEFORE it
  // can, and costs more: so only where another's table cascades into this one.
  const cascades = await client.query(
    `select from pg_constraint c where c.conrelid = $1::regclass and c.contype = 'f'
       and (c.confdeltype in ('c', 'n', 'd') or c.confupdtype in ('c', 'n', 'd'))
       and c.confrelid not in (select t::oid from banyan.datasets d cross join lateral banyan.tables_of(d.dataset_id) t)`,
    [on],
  );
  const turn = cascades.rows.length > 0 ? 'before' : 'after';
  return [
    row(
      writeTrigger,
      `after insert or update or delete on ${on} for each row execute function ${objectsOf(datasetId).write}()`,
    ),
    // A row that moves between partitions is a delete and an insert to AFTER triggers; only this one sees both its keys.
    ...(table.partitioned
      ? [
          row(
            placeTrigger,
            `before update on ${on} for each row when (${changedPlace(dataset, side)}) execute function banyan.refuse_place()`,
          ),
        ]
      : []),
    // Partitions do not inherit a statement's trigger.
    ...rows.flatMap(({ part }) => [
      {
        trigger: truncateTrigger,
        on: part,
        sql: `create trigger "${truncateTrigger}" before truncate on ${part} execute function banyan.refuse_truncate()`,
      },
      {
        trigger: unseenTrigger,
        on: part,
        sql: `create trigger "${unseenTrigger}" ${turn} update or delete on ${part} execute function ${objectsOf(datasetId).unseen}()`,
      },
    ]),
  ];
}

function changedPlace(dataset: DatasetPlan, side: Side): string {
  return dataset.tables[side].partitionKey
    .map((name) => escapeIdentifier(name))
    .map((name) => `old.${name} is distinct from new.${name}`)
    .join(' or ');
}
