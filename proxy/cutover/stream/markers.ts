import type { ClientBase } from 'pg';
import type { Marker } from './change.types.ts';
import type { TargetGroup } from './target-group.ts';

/** Notes markers, in a transaction that holds the locks of their buckets, after all that came before them is applied. */
export async function noteMarkers(
  client: ClientBase,
  { groupId }: TargetGroup,
  markers: readonly Marker[],
): Promise<void> {
  if (markers.length === 0) return;
  await client.query(
    `insert into banyan.markers as had (group_id, bucket, epoch)
     select $1, m.bucket, max(m.epoch) from unnest($2::smallint[], $3::bigint[]) as m (bucket, epoch) group by m.bucket
     on conflict (group_id, bucket) do update set epoch = excluded.epoch where had.epoch < excluded.epoch`,
    [groupId, markers.map(({ bucket }) => bucket), markers.map(({ epoch }) => epoch)],
  );
  await settleMarkers(client, groupId);
}

/**
 * A bucket is drained up to its marker when nothing from before it is parked: a side that lacks a change must not become
 * the owner. So a parked change holds back a move until it is applied or skipped.
 */
export async function settleMarkers(client: ClientBase, groupId: number): Promise<void> {
  await client.query(
    `update banyan.buckets b set drained = m.epoch from banyan.markers m
     where b.group_id = $1 and m.group_id = b.group_id and m.bucket = b.bucket and b.drained < m.epoch
       and not exists (select from banyan.parked p join banyan.datasets d using (dataset_id)
         where d.group_id = b.group_id and p.bucket = b.bucket and p.epoch < m.epoch)`,
    [groupId],
  );
}
