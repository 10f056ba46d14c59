import { createHash } from 'node:crypto';
import type { Pool } from 'pg';
import type { Side } from '#flags/stages.ts';
import { mappingFrom, otherSide } from '../plan.ts';
import type { DatasetPlan } from '../plan.types.ts';
import { lockBucketsExclusive, ownedBuckets } from './bucket-locks.ts';
import type { Queryable } from './catalog.ts';
import { failure } from './failures.ts';
import type { InstalledDataset, Run, RunPurpose } from './run.types.ts';
import { inTransaction } from './transaction.ts';

/** @throws `not-installed` */
export async function findInstalled(db: Queryable, dataset: DatasetPlan): Promise<InstalledDataset> {
  const { rows } = await db.query<{ dataset_id: number; group_id: number }>(
    'select dataset_id, group_id from banyan.datasets where name = $1',
    [dataset.name],
  );
  const row = rows[0];
  if (row === undefined) throw failure('not-installed', `dataset ${dataset.name}`);
  return { datasetId: row.dataset_id, groupId: row.group_id, buckets: dataset.buckets };
}

/** What the copy of a dataset into `to` depends on; a run that was begun with another one can't be resumed. */
export function fingerprintOf(dataset: DatasetPlan, to: Side, walkedAlong: readonly string[]): string {
  const from = otherSide(to);
  const parts = [dataset.tables[from], dataset.tables[to], mappingFrom(dataset, from), walkedAlong];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

export interface RunRequest {
  readonly purpose: RunPurpose;
  readonly fingerprint: string;
  readonly estimated: number;
}

export interface OpenedRun extends Run {
  /** `finished`: a run of the same copy was closed before, and nothing was abandoned since. */
  readonly state: 'new' | 'resumed' | 'finished';
}

/**
 * Opens a run, or goes on with the one that is open. Under the buckets' exclusive locks: an apply batch that began before
 * does not know that it has to keep apart from chunks, so it must have ended; every later one sees the run.
 * @throws `owned-here`
 */
export async function openRun(
  pool: Pool,
  installed: InstalledDataset,
  { purpose, fingerprint, estimated }: RunRequest,
): Promise<OpenedRun> {
  return inTransaction(pool, async (client) => {
    await lockBucketsExclusive(client, installed);
    if ((await ownedBuckets(client, installed)).length === installed.buckets)
      throw failure('owned-here', `dataset ${installed.datasetId}`);
    const { rows } = await client.query<{
      run_id: string;
      state: string;
      fingerprint: string;
      purpose: string;
    }>(
      `select run_id, state, fingerprint, purpose from banyan.backfill_runs
       where dataset_id = $1 and (state = 'open' or ($2 = 'backfill' and state = 'closed' and purpose = 'backfill'))
       order by (state = 'open') desc, run_id desc limit 1`,
      [installed.datasetId, purpose],
    );
    const last = rows[0];
    // A repair works under any open run: what it needs is only that applies keep apart.
    if (
      last !== undefined &&
      (purpose === 'repair' || last.fingerprint === fingerprint) &&
      last.state === 'open'
    )
      return { ...installed, runId: last.run_id, state: 'resumed' };
    if (last?.state === 'closed' && last.fingerprint === fingerprint)
      return { ...installed, runId: last.run_id, state: 'finished' };
    await client.query(
      `update banyan.backfill_runs set state = 'abandoned', closed_at = clock_timestamp()
       where dataset_id = $1 and state = 'open'`,
      [installed.datasetId],
    );
    const made = await client.query<{ run_id: string }>(
      `insert into banyan.backfill_runs (dataset_id, state, purpose, fingerprint, rows_estimated)
       values ($1, 'open', $2, $3, $4) returning run_id`,
      [installed.datasetId, purpose, fingerprint, Math.round(estimated)],
    );
    return { ...installed, runId: made.rows[0]?.run_id ?? '', state: 'new' };
  });
}

/**
 * Closes a run, under the buckets' exclusive locks: every chunk under way ends first, and none is written later.
 * Changes nothing where the run is not open any more.
 */
export async function closeRun(pool: Pool, run: Run): Promise<void> {
  await inTransaction(pool, async (client) => {
    await lockBucketsExclusive(client, run);
    await client.query(
      `update banyan.backfill_runs set state = 'closed', closed_at = clock_timestamp()
       where run_id = $1 and state = 'open'`,
      [run.runId],
    );
    // A change that came before the row it refers to was copied: now that row is there.
    await client.query(
      `update banyan.parked p set due_at = clock_timestamp() from banyan.datasets d
       where d.dataset_id = p.dataset_id and d.group_id = $1 and p.sqlstate = '23503'`,
      [run.groupId],
    );
  });
}

/**
 * What was copied counts no more: open and closed runs of the dataset are abandoned, and the next backfill begins anew. For
 * when the copy ends (stage `off`): from then on changes are missed.
 */
export async function abandonRuns(pool: Pool, installed: InstalledDataset): Promise<void> {
  await inTransaction(pool, async (client) => {
    await lockBucketsExclusive(client, installed);
    await client.query(
      `update banyan.backfill_runs set state = 'abandoned', closed_at = coalesce(closed_at, clock_timestamp())
       where dataset_id = $1 and state <> 'abandoned'`,
      [installed.datasetId],
    );
    // A side that was the owner once has none: without one, its rows from that time would count as a copy.
    await client.query(
      `insert into banyan.backfill_runs (dataset_id, state, closed_at)
       select $1, 'abandoned', clock_timestamp() where not exists (select from banyan.backfill_runs where dataset_id = $1)`,
      [installed.datasetId],
    );
  });
}
