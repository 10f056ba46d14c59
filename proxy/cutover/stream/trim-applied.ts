import type { Pool, QueryResult } from 'pg';

export interface TrimOptions {
  /** The side whose `banyan.applied` is trimmed. */
  readonly pool: Pool;
  /**
   * Longer than any copy of a change can stay on its way, milliseconds: the transport's retention, and in one process the
   * longest that a relay may sleep and wake up. Default: a day.
   */
  readonly retentionMs?: number;
  readonly signal?: AbortSignal;
}

interface Looked {
  readonly last: string | null;
  readonly trimmed: number;
}

/** Versions that one statement looks at. */
const window = 10_000;

/**
 * Lets go of versions that nothing can meet any more, while no backfill of their dataset is open: those from before this
 * side gave the bucket up (older changes are refused there), and those whose copies the transport has forgotten.
 * @returns how many went
 */
export async function trimApplied({ pool, retentionMs = 86_400_000, signal }: TrimOptions): Promise<number> {
  const { rows: datasets } = await pool.query<{ dataset_id: number; group_id: number }>(
    `select dataset_id, group_id from banyan.datasets d where not exists (
       select from banyan.backfill_runs r where r.dataset_id = d.dataset_id and r.state = 'open')`,
  );
  let trimmed = 0;
  for (const { dataset_id, group_id } of datasets) {
    let last: string | null = '';
    while (last !== null) {
      if (signal?.aborted === true) return trimmed;
      const looked: QueryResult<Looked> = await pool.query<Looked>(
        `with seen as materialized (select a.ctid as place, a.key, a.epoch, a.bucket, a.minute from banyan.applied a
             where a.dataset_id = $1 and a.key > $2 order by a.key limit ${window}),
           gone as (delete from banyan.applied a using seen s
             where a.ctid = s.place and a.dataset_id = $1 and a.key = s.key and a.epoch = s.epoch
               and not exists (select from banyan.backfill_runs r where r.dataset_id = $1 and r.state = 'open')
               and (s.minute < (extract(epoch from now()) - $3::float8 / 1000) / 60 - 1
                 or exists (select from banyan.buckets b
                   where b.group_id = $4 and b.bucket = s.bucket and s.epoch < b.fenced_at))
             returning 1)
         select (select max(key) from seen) as last, (select count(*)::int4 from gone) as trimmed`,
        [dataset_id, last, retentionMs, group_id],
      );
      last = looked.rows[0]?.last ?? null;
      trimmed += looked.rows[0]?.trimmed ?? 0;
    }
  }
  return trimmed;
}
