import type { Side } from '#flags/stages.ts';
import { stopCapture } from '../copy/capture.ts';
import { openSide } from '../database.ts';
import { bothSides, otherSide } from '../plan.ts';
import type { CutoverPlan } from '../plan.types.ts';
import { describeStanding } from './describe-standing.ts';
import { openPools } from './move.ts';
import { verifiedObstacles } from './precheck.ts';
import { readStandings } from './read-facts.ts';
import { closePools } from './wanted.ts';

/** Stands in the database as the reason why nothing is captured any more. */
export const completeReason = 'the migration is complete';

export interface CompletionOptions {
  readonly plan: CutoverPlan;
  readonly owner: Side;
  /** What else still reads the copy on the other side, each a sentence; from the configuration. */
  readonly stillRead: readonly string[];
}

/** Whether the stream back was given up for good. */
export async function isComplete(plan: CutoverPlan): Promise<boolean> {
  const pool = openSide(plan, 'service', { part: 'status', max: 1 });
  try {
    const { rows } = await pool.query<{ complete: boolean }>(
      `select coalesce(bool_and(capture_stopped = $2), false) as complete from banyan.groups where name = any($1::text[])`,
      [plan.groups.map(({ name }) => name), completeReason],
    );
    return rows[0]?.complete === true;
  } finally {
    await pool.end();
  }
}

/** What forbids to give the way back up; empty: nothing. Changes nothing. */
export async function completionObstacles({ plan, owner, stillRead }: CompletionOptions): Promise<string[]> {
  const pools = openPools(plan, 1);
  const left = otherSide(owner);
  try {
    const found = [...stillRead];
    for (const { name: group } of plan.groups) {
      const standings = await readStandings(pools, group);
      for (const { bucket, stands, facts } of standings)
        if (stands.kind !== 'at-rest' || stands.owner !== owner)
          found.push(`group ${group}, bucket ${bucket}: ${describeStanding(stands, facts)}`);
      found.push(...(await verifiedObstacles(pools, group, left)).map(({ message }) => message));
      const { rows } = await pools[left].query<{ parked: number; moved: boolean }>(
        `select (select count(*)::int4 from banyan.parked p join banyan.datasets d using (dataset_id) join banyan.groups g using (group_id)
             where g.name = $1) as parked,
           coalesce((select max(at) from banyan.audit where group_name = $1)
             > (select max(at) from banyan.verifications where group_name = $1), false) as moved`,
        [group],
      );
      if ((rows[0]?.parked ?? 0) > 0)
        found.push(`group ${group}: ${rows[0]?.parked} changes are parked on the ${left}`);
      if (rows[0]?.moved === true)
        found.push(
          `group ${group}: the two sides were not compared since its last move: banyan cutover verify`,
        );
    }
    return [...found, ...(await foreignKeys(plan, left))];
  } finally {
    await closePools(pools);
  }
}

/** Tables that stay on the side that is left, and whose foreign keys need the copy to go on. */
async function foreignKeys(plan: CutoverPlan, side: Side): Promise<string[]> {
  const pool = openSide(plan, side, { part: 'complete', max: 1 });
  try {
    const tables = plan.groups
      .flatMap(({ datasets }) => datasets)
      .map(({ tables: of }) => `${of[side].schema}.${of[side].table}`);
    const { rows } = await pool.query<{ said: string }>(
      `select format('%s.%s refers to %s.%s (%s): its rows need the copy', cn.nspname, c.relname, tn.nspname, t.relname, k.conname) as said
       from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace cn on cn.oid = c.relnamespace
       join pg_class t on t.oid = k.confrelid join pg_namespace tn on tn.oid = t.relnamespace
       where k.contype = 'f' and k.conparentid = 0 and tn.nspname || '.' || t.relname = any($1::text[])
         and not cn.nspname || '.' || c.relname = any($1::text[]) order by 1`,
      [tables],
    );
    return rows.map(({ said }) => said);
  } finally {
    await pool.end();
  }
}

/**
 * Gives the way back up: nothing is captured any more, so the copy on the other side ends where it is. Its tables stay, and
 * their gates go on refusing writes. The only step that can't be undone.
 */
export async function complete(plan: CutoverPlan, by: string): Promise<void> {
  for (const side of bothSides) {
    await stopCapture(plan, side, completeReason);
    const pool = openSide(plan, side, { part: 'complete', max: 1 });
    try {
      await pool.query(
        `insert into banyan.audit (action, group_name, bucket, state, epoch, made_by)
         select 'complete', g.name, null, min(b.state), max(b.epoch), $2 from banyan.groups g join banyan.buckets b using (group_id)
         where g.name = any($1::text[]) group by g.name`,
        [plan.groups.map(({ name }) => name), by],
      );
    } finally {
      await pool.end();
    }
  }
}
