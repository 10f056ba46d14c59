import type { Buckets } from './run.types.ts';
import type { Queryable } from './catalog.ts';
import { exclusiveBucketLock, sharedBucketLock } from '../bucket.ts';

// Always from the first bucket to the last, so that two who take several never wait for each other in a circle.

/** All of a group's buckets, as a writer. */
export async function lockBucketsShared(db: Queryable, { groupId, buckets }: Buckets): Promise<void> {
  await db.query(
    `select ${sharedBucketLock(groupId, 'bucket')} from generate_series(0, ${buckets - 1}) as bucket`,
  );
}

/** All of a group's buckets, as a move: waits for every writer, chunk and apply that is under way. */
export async function lockBucketsExclusive(db: Queryable, { groupId, buckets }: Buckets): Promise<void> {
  await db.query(
    `select ${exclusiveBucketLock(groupId, 'bucket')} from generate_series(0, ${buckets - 1}) as bucket`,
  );
}

/** The buckets that this side owns. Final only while their locks are held. */
export async function ownedBuckets(db: Queryable, { groupId }: Buckets): Promise<readonly number[]> {
  const { rows } = await db.query<{ bucket: number }>(
    `select bucket from banyan.buckets where group_id = $1 and state = 'owner' order by bucket`,
    [groupId],
  );
  return rows.map(({ bucket }) => bucket);
}
