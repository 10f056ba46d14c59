import type { Pool } from 'pg';
import { isStage, type Side, type Stage } from '#flags/stages.ts';

/** Notes which side a command wants for buckets of a group. The mover keeps it until the flag says otherwise. */
export async function noteWishes(
  monolith: Pool,
  wish: {
    readonly group: string;
    readonly buckets: readonly number[];
    readonly to: Side;
    readonly by: string;
  },
): Promise<void> {
  await monolith.query(
    `insert into banyan.wishes as w (group_id, bucket, wish, made_by)
     select g.group_id, b, $3, $4 from banyan.groups g cross join unnest($2::smallint[]) b where g.name = $1
     on conflict (group_id, bucket) do update
       set wish = excluded.wish, made_by = excluded.made_by, made_at = excluded.made_at, stage = null`,
    [wish.group, wish.buckets, wish.to, wish.by],
  );
}

/**
 * The wishes of commands for a group; those that a stage has overtaken are forgotten.
 * @param holds `at`: the stage that a wish gets which was never looked at
 */
export async function readWishes(
  monolith: Pool,
  group: string,
  holds: { readonly at: Stage; readonly stillHolds: (madeAt: Stage) => boolean },
): Promise<ReadonlyMap<number, Side>> {
  await monolith.query(
    `update banyan.wishes w set stage = $2 from banyan.groups g
     where g.group_id = w.group_id and g.name = $1 and w.stage is null`,
    [group, holds.at],
  );
  const { rows } = await monolith.query<{ bucket: number; wish: Side; stage: string }>(
    `select w.bucket, w.wish, w.stage from banyan.wishes w join banyan.groups g using (group_id) where g.name = $1`,
    [group],
  );
  const isOver = ({ stage }: { readonly stage: string }) => !isStage(stage) || !holds.stillHolds(stage);
  const over = rows.filter(isOver).map(({ bucket }) => bucket);
  if (over.length > 0)
    await monolith.query(
      `delete from banyan.wishes w using banyan.groups g
       where g.group_id = w.group_id and g.name = $1 and w.bucket = any($2) and w.stage is not null`,
      [group, over],
    );
  return new Map(rows.filter((row) => !isOver(row)).map(({ bucket, wish }) => [bucket, wish]));
}

/** Forgets the wishes of a group that made nothing move yet. */
export async function dropNewWishes(monolith: Pool, group: string): Promise<void> {
  await monolith.query(
    `delete from banyan.wishes w using banyan.groups g, banyan.buckets b where g.group_id = w.group_id and g.name = $1
       and b.group_id = w.group_id and b.bucket = w.bucket and (b.state = 'owner') <> (w.wish = 'monolith')`,
    [group],
  );
}
