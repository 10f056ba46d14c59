import type { Pool } from 'pg';
import type { Side } from '#flags/stages.ts';
import type { CutoverPlan } from '../plan.types.ts';
import { settleMarkers } from './markers.ts';
import { mapOne } from './read-unmapped.ts';
import { retryParked, type Retried } from './retry-parked.ts';
import { sourceGroup } from './source-group.ts';
import { targetGroup } from './target-group.ts';

export interface ParkedChange {
  readonly id: string;
  readonly group: string;
  readonly dataset: string;
  /** The key columns as text, text form of text[]. */
  readonly key: string;
  readonly bucket: number;
  readonly epoch: string;
  readonly seq: string;
  readonly deleted: boolean;
  readonly sqlstate: string;
  readonly reason: string;
  readonly attempts: number;
  /** ISO 8601. */
  readonly parkedAt: string;
}

/** What this side could not apply, oldest first. @param groups names; default: all @param limit default 1,000 */
export async function listParked(
  to: Pool,
  { groups, limit = 1_000 }: { readonly groups?: readonly string[]; readonly limit?: number } = {},
): Promise<ParkedChange[]> {
  const { rows } = await to.query<ParkedChange>(
    `select p.parked_id as id, g.name as "group", d.name as dataset, p.key, p.bucket, p.epoch, p.seq, p.deleted,
       p.sqlstate, p.reason, p.attempts, to_json(p.parked_at) #>> '{}' as "parkedAt"
     from banyan.parked p join banyan.datasets d using (dataset_id) join banyan.groups g using (group_id)
     where $2::text[] is null or g.name = any($2) order by p.epoch, p.seq limit $1`,
    [limit, groups ?? null],
  );
  return rows;
}

/**
 * Tries parked changes again: by their ids, or all. Those whose mapping had failed are mapped again, so that a mended
 * mapping or function on the other side counts.
 */
export async function retryParkedNow(options: {
  readonly plan: CutoverPlan;
  readonly from: Side;
  readonly source: Pool;
  readonly target: Pool;
  readonly ids: 'all' | readonly string[];
}): Promise<Retried> {
  const { plan, from, source, target, ids } = options;
  let total: Retried = { done: 0, stillParked: 0 };
  for (const group of plan.groups) {
    await mapAgain({
      source: await sourceGroup({ pool: source, group, from }),
      ids,
      pools: { source, target },
    });
    const known = await targetGroup({ pool: target, group, from });
    const client = await target.connect();
    let broken = true;
    try {
      const { done, stillParked } = await retryParked(client, known, ids);
      total = { done: total.done + done, stillParked: total.stillParked + stillParked };
      broken = false;
    } finally {
      client.release(broken);
    }
  }
  return total;
}

async function mapAgain(options: {
  readonly source: Awaited<ReturnType<typeof sourceGroup>>;
  readonly pools: { readonly source: Pool; readonly target: Pool };
  readonly ids: 'all' | readonly string[];
}): Promise<void> {
  const { source, pools, ids } = options;
  const { rows } = await pools.target.query<{ id: string; name: string; deleted: boolean; image: string }>(
    `select p.parked_id as id, d.name, p.deleted, p.image from banyan.parked p join banyan.datasets d using (dataset_id)
     join banyan.groups g using (group_id) where g.name = $1 and p.image is not null and p.row_values is null
       and ($2::bigint[] is null or p.parked_id = any($2::bigint[]))`,
    [source.name, ids === 'all' ? null : ids],
  );
  const idOf = new Map([...source.datasets].map(([id, name]) => [name, id]));
  const client = await pools.source.connect();
  try {
    for (const { id, name, deleted, image } of rows) {
      const mapped = await mapOne(client, source, {
        datasetId: idOf.get(name) ?? 0,
        op: deleted ? 'D' : 'P',
        image,
      });
      const now = 'values' in mapped ? [mapped.values, null, null] : [null, mapped.sqlstate, mapped.reason];
      await pools.target.query(
        `update banyan.parked set row_values = $2::text[], sqlstate = coalesce($3, sqlstate), reason = coalesce($4, reason)
         where parked_id = $1`,
        [id, ...now],
      );
    }
  } finally {
    client.release();
  }
}

/**
 * Gives parked changes up: the row stays as it is here, and counts as if it had the version. Verification will list it
 * until a later change or a repair makes both sides equal.
 * @returns how many were given up
 */
export async function skipParked(
  to: Pool,
  ids: readonly string[],
  plan: CutoverPlan,
  from: Side,
): Promise<number> {
  let skipped = 0;
  for (const group of plan.groups) {
    const { groupId } = await targetGroup({ pool: to, group, from });
    const client = await to.connect();
    try {
      await client.query('begin');
      const { rowCount } = await client.query(
        `with gone as (delete from banyan.parked p using banyan.datasets d
           where d.dataset_id = p.dataset_id and d.group_id = $1 and p.parked_id = any($2::bigint[])
           returning p.dataset_id, p.key, p.epoch, p.seq, p.deleted, p.bucket)
         insert into banyan.applied as had (dataset_id, key, epoch, seq, deleted, bucket) select * from gone
         on conflict (dataset_id, key) do update set epoch = excluded.epoch, seq = excluded.seq,
           deleted = excluded.deleted, bucket = excluded.bucket
         where (had.epoch, had.seq) < (excluded.epoch, excluded.seq)`,
        [groupId, ids],
      );
      skipped += rowCount ?? 0;
      await settleMarkers(client, groupId);
      await client.query('commit');
    } finally {
      await client.query('rollback').catch(() => undefined);
      client.release();
    }
  }
  return skipped;
}
