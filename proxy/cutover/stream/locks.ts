import { escapeIdentifier, type ClientBase } from 'pg';
import { sharedBucketLock } from '../bucket.ts';
import type { TargetGroup } from './target-group.ts';

/** First half of the lock of whoever carries a group into this side: "bans". The second is the group's number there. */
export const streamLockClass = 0x62_61_6e_73;

/**
 * What holds while changes are applied, until the end of the transaction: no chunk of a backfill of these datasets is
 * between its look at `applied` and its commit, and no bucket changes its state. In the order of a chunk: the other
 * way round the two and a waiting move would wait in a circle.
 */
export async function lockForApply(
  client: ClientBase,
  target: TargetGroup,
  names: { readonly datasets: ReadonlySet<string>; readonly buckets: ReadonlySet<number> },
): Promise<void> {
  const tables = target.datasets
    .filter(({ name }) => names.datasets.has(name))
    .map(({ datasetId }) => `banyan.${escapeIdentifier(`copy_lock_${datasetId}`)}`);
  if (tables.length > 0) await client.query(`lock table ${tables.join(', ')} in row exclusive mode`);
  if (names.buckets.size === 0) return;
  await client.query(
    `select ${sharedBucketLock(target.groupId, 'bucket')} from (
       select bucket from unnest($1::smallint[]) as wanted (bucket) order by bucket offset 0) w`,
    [[...names.buckets]],
  );
}

/** Asks for the place of the one that carries a group; it is given up with the connection. */
export async function takeTheLead(client: ClientBase, groupId: number): Promise<boolean> {
  const { rows } = await client.query<{ leads: boolean }>('select pg_try_advisory_lock($1, $2) as leads', [
    streamLockClass,
    groupId,
  ]);
  return rows[0]?.leads ?? false;
}
