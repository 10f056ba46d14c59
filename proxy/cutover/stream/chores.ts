import type { Pool } from 'pg';
import type { CutoverPlan } from '../plan.types.ts';
import type { Chores } from './follow-group.ts';
import { retryParked } from './retry-parked.ts';
import type { TargetGroup } from './target-group.ts';

/** Tries what is parked and due; a change that came too early heals so. */
export async function retryDue(pool: Pool, target: TargetGroup): Promise<void> {
  const { rows } = await pool.query<{ due: boolean }>(
    `select exists (select from banyan.parked p join banyan.datasets d using (dataset_id)
       where d.group_id = $1 and p.due_at <= clock_timestamp() and p.row_values is not null) as due`,
    [target.groupId],
  );
  if (rows[0]?.due !== true) return;
  const client = await pool.connect();
  // Cut off between two statements it tells nobody else, and would end the process.
  const onError = (): void => undefined;
  client.on('error', onError);
  let broken = true;
  try {
    await retryParked(client, target, 'due');
    broken = false;
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
}

/** Rows that are counted at most. */
const mostCounted = 100_000;

/** What the target's books say of a group. */
export async function readBooks(pool: Pool, { groupId }: TargetGroup): Promise<Chores> {
  const { rows } = await pool.query<Chores>(
    `select (select count(*)::int4 from (select from banyan.parked p join banyan.datasets d using (dataset_id)
         where d.group_id = $1 limit ${mostCounted}) w) as parked,
       exists (select from banyan.backfill_runs r join banyan.datasets d using (dataset_id)
         where d.group_id = $1 and r.state = 'open' and r.purpose = 'backfill') as copying`,
    [groupId],
  );
  return rows[0] ?? { parked: 0, copying: true };
}

/** Says how far this copy has read, and lets the parts of the outbox go that all groups of the database have consumed. */
export async function rotateOutbox(options: {
  readonly plan: CutoverPlan;
  readonly source: Pool;
  readonly target: Pool;
}): Promise<void> {
  const { plan, source, target } = options;
  const { rows } = await target.query<{ group_name: string; snapshot: string }>(
    'select group_name, snapshot from banyan.positions where group_name = any($1::text[])',
    [plan.groups.map(({ name }) => name)],
  );
  if (rows.length === 0) return;
  await source.query('select banyan.outbox_rotate($1::text[], $2::pg_snapshot[])', [
    rows.map(({ group_name }) => group_name),
    rows.map(({ snapshot }) => snapshot),
  ]);
}
