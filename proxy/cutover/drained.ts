import { setTimeout as delay } from 'node:timers/promises';
import type { Queryable } from './backfill/catalog.ts';

export interface DrainedQuestion {
  readonly owner: Queryable;
  readonly follower: Queryable;
  /** Name of the group whose changes count. */
  readonly group: string;
  /** pg_current_snapshot() of the owner as text. */
  readonly snapshot: string;
  readonly withinMs: number;
}

const lookEveryMs = 100;

/**
 * Whether the follower has every change of the group that `snapshot` sees; waits for it a while. By the follower's position,
 * which moves in the transaction that applies; without one it has nothing of what was captured.
 */
export async function isDrained({
  owner,
  follower,
  group,
  snapshot,
  withinMs,
}: DrainedQuestion): Promise<boolean> {
  for (const until = performance.now() + withinMs; ; await delay(lookEveryMs)) {
    const { rows: positions } = await follower.query<{ snapshot: string }>(
      'select snapshot::text as snapshot from banyan.positions where group_name = $1',
      [group],
    );
    const { rows } = await owner.query<{ drained: boolean }>(
      `select not exists (select from banyan.outbox o join banyan.groups g using (group_id)
         where g.name = $1 and o.op <> 'M' and pg_visible_in_snapshot(o.xid, $2)
           and not coalesce(pg_visible_in_snapshot(o.xid, $3), false)) as drained`,
      [group, snapshot, positions[0]?.snapshot ?? null],
    );
    if (rows[0]?.drained === true) return true;
    if (performance.now() > until) return false;
  }
}
