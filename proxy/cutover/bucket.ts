import { escapeIdentifier } from 'pg';
import type { Side } from '#flags/stages.ts';
import type { DatasetPlan } from './plan.types.ts';

// Every name and operator is qualified: these texts also stand in functions that run with their owner's rights and under
// the search path of whoever writes.

/** First half of every bucket's advisory lock: "bany". No other lock of ours is a pair of integers. */
export const bucketLockClass = 0x62_61_6e_79;

/**
 * SQL for the bucket (int4, 0 to 255) of a row of this side's table; the same number on both sides, where the texts of the
 * partition keys are the same.
 * @param alias name of the row in the query, unquoted: `new`, `t`
 */
export function bucketSql(dataset: DatasetPlan, side: Side, alias: string): string {
  if (dataset.buckets === 1) return '0';
  const parts = dataset.tables[side].partitionKey.map(
    (column) => `${alias}.${escapeIdentifier(column)}::pg_catalog.text`,
  );
  // What concat_ws says of one text, for less.
  const joined =
    parts.length === 1
      ? `coalesce(${parts[0]}, '')`
      : `pg_catalog.concat_ws(pg_catalog.chr(31), ${parts.join(', ')})`;
  // The collation is fixed: columns with different ones have none in common, and the hash depends on a nondeterministic one.
  const text = `${joined} collate pg_catalog."C"`;
  return `(pg_catalog.hashtextextended(${text}, 0) operator(pg_catalog.&) 255)::pg_catalog.int4`;
}

/** SQL of the two arguments of `pg_advisory_xact_lock` and its kin; `group` and `bucket` are SQL themselves. */
export function bucketLockKey(group: string | number, bucket: string | number): string {
  const second = typeof group === 'number' && typeof bucket === 'number' ? group * 256 + bucket : undefined;
  const sql =
    second ??
    (typeof group === 'number' ? `${group * 256} operator(pg_catalog.+) ${bucket}` : undefined) ??
    `${group}::pg_catalog.int4 operator(pg_catalog.*) 256 operator(pg_catalog.+) ${bucket}::pg_catalog.int4`;
  return `${bucketLockClass}, ${sql}`;
}

/** A writer's lock: any number at once. Taken until the end of the transaction. */
export function sharedBucketLock(group: string | number, bucket: string | number): string {
  return `pg_catalog.pg_advisory_xact_lock_shared(${bucketLockKey(group, bucket)})`;
}

/** A move's lock: waits for all writers that hold theirs, and later ones wait behind it. */
export function exclusiveBucketLock(group: string | number, bucket: string | number): string {
  return `pg_catalog.pg_advisory_xact_lock(${bucketLockKey(group, bucket)})`;
}
