import { setTimeout as delay } from 'node:timers/promises';
import type { Queryable } from '../backfill/catalog.ts';
import type { CutoverPlan } from '../plan.types.ts';

export interface FollowerQuestion {
  readonly follower: Queryable;
  readonly plan: CutoverPlan;
  /** pg_current_snapshot() of the owner as text. */
  readonly snapshot: string;
  readonly withinMs: number;
}

const lookEveryMs = 20;

/**
 * Waits until the follower has all that `snapshot` sees, in every group, by its own books: for whoever does not carry the
 * stream. A position that moved without changes is written down only every 250 ms, so it may take that much longer.
 * @returns `undefined` once it has
 */
export async function followerHas({
  follower,
  plan,
  snapshot,
  withinMs,
}: FollowerQuestion): Promise<'late' | 'parked' | 'no-copy' | undefined> {
  const groups = plan.groups.map(({ name }) => name);
  for (const until = performance.now() + withinMs; ; await delay(lookEveryMs)) {
    const { rows } = await follower.query<{ reached: boolean; parked: boolean; copying: boolean }>(
      `select bool_and(banyan.reached(g.name, $2::pg_snapshot)) as reached,
         bool_or(exists (select from banyan.parked p join banyan.datasets d using (dataset_id)
           where d.group_id = g.group_id)) as parked,
         bool_or(exists (select from banyan.backfill_runs r join banyan.datasets d using (dataset_id)
           where d.group_id = g.group_id and r.state = 'open' and r.purpose = 'backfill')) as copying
       from banyan.groups g where g.name = any($1::text[])`,
      [groups, snapshot],
    );
    if (rows[0]?.parked === true) return 'parked';
    // The stream leaves changes to a backfill.
    if (rows[0]?.copying === true) return 'no-copy';
    if (rows[0]?.reached === true) return undefined;
    if (performance.now() >= until) return 'late';
  }
}
