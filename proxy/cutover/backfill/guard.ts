import type { PoolClient } from 'pg';
import { lockBucketsShared, ownedBuckets } from './bucket-locks.ts';
import { failure } from './failures.ts';
import { copyLock } from './names.ts';
import type { Run } from './run.types.ts';

/** What a guarded transaction may do. */
export interface Guarded {
  /** Buckets that this side owns: their rows are not written. */
  readonly owned: readonly number[];
}

/**
 * Opens the door for copied rows in this transaction, in the one sequence that holds: the buckets' locks (no move decides
 * meanwhile), then the dataset's class lock (no apply is under way, so what `applied` says is final until the commit), and
 * only then is asked whether the run is open: a worker that slept finds it closed.
 * @throws `run-closed`, `owned-here`
 */
export async function guardCopy(client: PoolClient, run: Run): Promise<Guarded> {
  await lockBucketsShared(client, run);
  await client.query(`lock table ${copyLock(run.datasetId)} in share mode`);
  const { rows } = await client.query<{ state: string }>(
    'select state from banyan.backfill_runs where run_id = $1',
    [run.runId],
  );
  if (rows[0]?.state !== 'open') throw failure('run-closed', `run ${run.runId}`);
  const owned = await ownedBuckets(client, run);
  if (owned.length === run.buckets) throw failure('owned-here', `dataset ${run.datasetId}`);
  return { owned };
}
