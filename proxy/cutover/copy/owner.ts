import type { Side } from '#flags/stages.ts';
import { openSide } from '../database.ts';
import type { CutoverPlan } from '../plan.types.ts';
import { sideError } from './side-problem.ts';

/** The side that owns the buckets of this plan; while they are shared out: the one that owns more. */
export async function ownerOf(plan: CutoverPlan): Promise<Side> {
  const [monolith, service] = await Promise.all([owned(plan, 'monolith'), owned(plan, 'service')]);
  return service > monolith ? 'service' : 'monolith';
}

async function owned(plan: CutoverPlan, side: Side): Promise<number> {
  const pool = openSide(plan, side, { part: 'status', max: 1 });
  try {
    const { rows } = await pool.query<{ owned: number }>(
      `select count(*)::int4 as owned from banyan.buckets b join banyan.groups g using (group_id)
       where b.state = 'owner' and g.name = any($1::text[])`,
      [plan.groups.map(({ name }) => name)],
    );
    return rows[0]?.owned ?? 0;
  } catch (error) {
    throw sideError(error, { plan, side });
  } finally {
    await pool.end();
  }
}
