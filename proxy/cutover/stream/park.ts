import { createHash } from 'node:crypto';
import type { ClientBase } from 'pg';
import type { Change, UnmappedChange } from './change.types.ts';
import { tryInSavepoint } from './savepoint.ts';
import type { TargetDataset, TargetGroup } from './target-group.ts';

/** A change that this side refuses, with what it said. */
export interface RefusedChange extends Change {
  readonly sqlstate: string;
  readonly reason: string;
}

type ToPark = RefusedChange | UnmappedChange;

/** A longer key fits no index, so no table holds a row with it either. */
const longestKey = 2_000;

/**
 * Puts changes aside, in the transaction of their page, but those that this side has a later version of or does not take.
 * An earlier parked version of a row gives way.
 * @param changes of each row in their order
 * @returns how many are parked now
 */
export async function park(
  client: ClientBase,
  target: TargetGroup,
  changes: readonly ToPark[],
): Promise<number> {
  let parked = 0;
  for (const dataset of target.datasets) {
    const mine = changes.filter((change) => change.dataset === dataset.name);
    if (mine.length > 0) parked += await parkOfDataset(client, { groupId: target.groupId, dataset }, mine);
  }
  return parked;
}

async function parkOfDataset(
  client: ClientBase,
  { groupId, dataset }: { readonly groupId: number; readonly dataset: TargetDataset },
  changes: readonly ToPark[],
): Promise<number> {
  const keys = await parkedKeys(client, dataset.keySql, changes);
  const rows = [...new Map(changes.map((change, at) => [keys[at] ?? change.key, change])).entries()];
  const { rowCount } = await client.query(
    `insert into banyan.parked as had
       (dataset_id, key, bucket, epoch, seq, deleted, row_values, image, sqlstate, reason)
     select $1, c.key, b.bucket, c.epoch, c.seq, c.deleted, c.row_values::text[], c.image, c.sqlstate, c.reason
     from unnest($2::text[], $3::smallint[], $4::bigint[], $5::bigint[], $6::bool[], $7::text[], $8::text[], $9::text[],
       $10::text[]) with ordinality as c (key, bucket, epoch, seq, deleted, row_values, image, sqlstate, reason, at)
     join banyan.buckets b on b.group_id = $11 and b.bucket = c.bucket
     where b.state <> 'owner' and c.epoch >= b.fenced_at and c.seq > b.accepts_after
       and not exists (select from banyan.applied a
         where a.dataset_id = $1 and a.key = c.key and (a.epoch, a.seq) >= (c.epoch, c.seq))
     order by c.at
     on conflict (dataset_id, key) do update set bucket = excluded.bucket, epoch = excluded.epoch, seq = excluded.seq,
       deleted = excluded.deleted, row_values = excluded.row_values, image = excluded.image,
       sqlstate = excluded.sqlstate, reason = excluded.reason, attempts = 1,
       parked_at = clock_timestamp(), due_at = clock_timestamp()
     where (had.epoch, had.seq) < (excluded.epoch, excluded.seq)`,
    [
      dataset.datasetId,
      rows.map(([key]) => key),
      rows.map(([, { bucket }]) => bucket),
      rows.map(([, { epoch }]) => epoch),
      rows.map(([, { seq }]) => seq),
      rows.map(([, { deleted }]) => deleted),
      rows.map(([, change]) => ('values' in change ? change.values : null)),
      rows.map(([, change]) => ('image' in change ? change.image : null)),
      rows.map(([, { sqlstate }]) => sqlstate),
      rows.map(([, { reason }]) => reason),
      groupId,
    ],
  );
  return rowCount ?? 0;
}

/** As this side would write them, so that later versions find them; where a key has no such form, as it came. */
async function parkedKeys(
  client: ClientBase,
  keySql: string,
  changes: readonly ToPark[],
): Promise<readonly string[]> {
  const written = await writtenKeys(client, keySql, changes);
  return changes.map(({ key: came }, at) => {
    const key = written[at] ?? came;
    return Buffer.byteLength(key) <= longestKey
      ? key
      : `long:${createHash('sha256').update(key).digest('hex')}`;
  });
}

async function writtenKeys(
  client: ClientBase,
  keySql: string,
  changes: readonly ToPark[],
): Promise<readonly (string | null)[]> {
  let keys: readonly (string | null)[] = [];
  const refused = await tryInSavepoint(client, async () => {
    const { rows } = await client.query<{ key: string | null }>(
      `select case when x.a is not null then ${keySql} end as key from (
         select u.v::text[] as a, u.at from unnest($1::text[]) with ordinality as u (v, at) offset 0) x order by x.at`,
      [changes.map((change) => ('values' in change ? change.values : null))],
    );
    keys = rows.map(({ key }) => key);
  });
  if (refused === undefined) return keys;
  const [only] = changes;
  if (only === undefined || changes.length === 1) return [null];
  // One of them has no such form: each by itself.
  const each = [];
  for (const change of changes) each.push(...(await writtenKeys(client, keySql, [change])));
  return each;
}
