import type { Side } from '#flags/stages.ts';
import { openSide } from '../database.ts';
import type { CutoverPlan } from '../plan.types.ts';

/**
 * Whether a side still has to be filled by a backfill: one was abandoned or is not done, or there was none and the side
 * never owned what it follows. A side that gave its buckets up has everything and is followed since.
 */
export async function needsCopy(plan: CutoverPlan, to: Side): Promise<boolean> {
  const pool = openSide(plan, to, { part: 'status', max: 1 });
  try {
    const { rows } = await pool.query<{ needed: boolean }>(
      `select coalesce(bool_or(coalesce(r.state <> 'closed', exists (select from banyan.buckets b
           where b.group_id = d.group_id and b.state <> 'owner' and b.fenced_at = 0))), false) as needed
       from banyan.datasets d
       left join lateral (select state from banyan.backfill_runs r where r.dataset_id = d.dataset_id and purpose = 'backfill'
         order by (state = 'open') desc, run_id desc limit 1) r on true
       where d.name = any($1::text[])`,
      [plan.groups.flatMap(({ datasets }) => datasets.map(({ name }) => name))],
    );
    return rows[0]?.needed === true;
  } finally {
    await pool.end();
  }
}
