import { createHash } from 'node:crypto';
import type { ClientBase } from 'pg';
import { messageOf } from '#shared/errors/message.ts';
import type { Change, UnmappedChange } from './change.types.ts';
import { sqlStateOf } from './failures.ts';
import { tryInSavepoint } from './savepoint.ts';
import type { TargetGroup } from './target-group.ts';

/** A longer key fits no index, so no table holds a row with it either. */
const longestKey = 2_000;

/**
 * Puts a change aside, in the transaction of its page, unless this side has a later version of the row or does not take
 * it. An earlier parked version of the row gives way.
 * @returns whether it is parked now
 */
export async function park(
  client: ClientBase,
  target: TargetGroup,
  change: (Change & { readonly cause: unknown }) | UnmappedChange,
): Promise<boolean> {
  const dataset = target.datasets.find(({ name }) => name === change.dataset);
  if (dataset === undefined) return false;
  const { rowCount } = await client.query(
    `insert into banyan.parked as had
       (dataset_id, key, bucket, epoch, seq, deleted, row_values, image, sqlstate, reason)
     select $1, $2, b.bucket, $4, $5, $6, $7::text[], $8, $9, $10 from banyan.buckets b
     where b.group_id = $11 and b.bucket = $3 and b.state <> 'owner' and $4::bigint >= b.fenced_at and $5::bigint > b.accepts_after
       and not exists (select from banyan.applied a
         where a.dataset_id = $1 and a.key = $2 and (a.epoch, a.seq) >= ($4::bigint, $5::bigint))
     on conflict (dataset_id, key) do update set bucket = excluded.bucket, epoch = excluded.epoch, seq = excluded.seq,
       deleted = excluded.deleted, row_values = excluded.row_values, image = excluded.image,
       sqlstate = excluded.sqlstate, reason = excluded.reason, attempts = 1,
       parked_at = clock_timestamp(), due_at = clock_timestamp()
     where (had.epoch, had.seq) < (excluded.epoch, excluded.seq)`,
    [
      dataset.datasetId,
      await parkedKey(client, dataset.keySql, change),
      change.bucket,
      change.epoch,
      change.seq,
      change.deleted,
      'values' in change ? change.values : null,
      'image' in change ? change.image : null,
      'image' in change ? change.sqlstate : (sqlStateOf(change.cause) ?? ''),
      'image' in change ? change.reason : messageOf(change.cause),
      target.groupId,
    ],
  );
  return rowCount === 1;
}

/** As this side would write it, so that later versions find it; where a key has no such form, as it came. */
async function parkedKey(
  client: ClientBase,
  keySql: string,
  change: Change | UnmappedChange,
): Promise<string> {
  let key = change.key;
  if ('values' in change) {
    await tryInSavepoint(client, async () => {
      const { rows } = await client.query<{ key: string }>(
        `select ${keySql} as key from (select $1::text[] as a) x`,
        [change.values],
      );
      key = rows[0]?.key ?? key;
    });
  }
  return Buffer.byteLength(key) <= longestKey
    ? key
    : `long:${createHash('sha256').update(key).digest('hex')}`;
}
