import type { Logger } from '#shared/telemetry/log.ts';
import type { BackfillOptions, BackfillProgress, BackfillSettings, DatasetCopied } from './backfill.types.ts';
import { copyChunk } from './chunk.ts';
import type { Way } from './chunk.types.ts';
import type { OpenDataset } from './open-runs.ts';
import type { PassagePools } from './passage.ts';
import { withPatience } from './patience.ts';
import { createPlanner } from './planner.ts';
import { createRate, etaOf } from './progress.ts';
import { passChunks } from './pass-chunks.ts';
import { closeRun } from './run.ts';
import type { Run } from './run.types.ts';
import { settleParked } from './settle.ts';
import type { Throttle } from './throttle.ts';

export interface DatasetJob extends OpenDataset {
  readonly pools: PassagePools;
  readonly settings: BackfillSettings;
  readonly throttle: Throttle;
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: BackfillProgress) => void;
  readonly reached: BackfillOptions['reached'];
}

/** About so many bytes in one chunk, so that neither its transaction nor its lock lasts long. */
const chunkBytes = 4 * 1024 * 1024;
const fewestRows = 100;
const settleRounds = 3;

/**
 * Copies one dataset to its end and closes its run; goes on where an earlier process was.
 *
 * A chunk may be newer than changes that are still on their way, and those put its rows back for a while. So the run stays
 * open until all that the chunks saw has come: a closed run says that no row of this side goes back any more.
 */
export async function copyDataset(job: DatasetJob): Promise<DatasetCopied> {
  const { pools, passage, run, settings, signal } = job;
  const { dataset } = passage;
  const patience = {
    signal,
    giveUpMs: settings.giveUpMs,
    onRetry: (cause: unknown, waitMs: number) =>
      job.log.warn({ err: cause, dataset: dataset.name, waitMs }, 'backfill: trying again'),
  };
  const resumed = run.state === 'finished' || (await withPatience(patience, () => wasBegun(pools, run)));
  if (run.state !== 'finished') {
    await copyChunks({ ...job, patience });
    await passChunks({ ...job, patience });
    await withPatience(patience, () =>
      settleParked({ ...job, rounds: settleRounds, pauseMs: settings.settlePauseMs }),
    );
    await withPatience(patience, () => closeRun(pools.target, run));
  }
  return { ...(await readTotals(pools, run)), dataset: dataset.name, resumed };
}

/** A run is opened before its turn comes. */
async function wasBegun({ target }: PassagePools, { runId }: Run): Promise<boolean> {
  const { rowCount } = await target.query('select from banyan.backfill_chunks where run_id = $1 limit 1', [
    runId,
  ]);
  return rowCount === 1;
}

interface ChunksJob extends DatasetJob {
  readonly patience: Parameters<typeof withPatience>[0];
}

async function copyChunks(job: ChunksJob): Promise<void> {
  const { pools, passage, settings, throttle, run, patience } = job;
  const planner = await createPlanner({
    ...pools,
    walk: passage.walk,
    run,
    rows: settings.chunkRows,
  });
  const rate = createRate();
  // One worker's failure ends the others between two chunks.
  const failed = new AbortController();
  const stop = AbortSignal.any([job.signal, failed.signal]);
  const before = await readTotals(pools, run);
  let rows = before.rows + before.leftAlone + before.parked;
  let parked = before.parked;
  let wish: Way = 'straight';
  rate.add({ at: performance.now(), rows });

  function report(): void {
    const { rows: planned, complete } = planner.planned();
    const inAll = complete ? Math.max(rows, planned) : Math.max(job.estimated, planned, rows);
    const rowsPerSecond = rate.perSecond();
    job.onProgress({
      dataset: passage.dataset.name,
      rows,
      estimated: inAll,
      rowsPerSecond,
      etaMs: etaOf(inAll - rows, rowsPerSecond),
      parked,
      brake: throttle.brake(),
    });
  }

  function onHold(): void {
    rate.add({ at: performance.now(), rows });
    report();
  }

  async function work(): Promise<void> {
    let lastChunkMs: number | undefined;
    for (;;) {
      const admission = { signal: stop, lastChunkMs, onHold };
      await withPatience({ ...patience, signal: stop }, () => throttle.admit(admission));
      const began = performance.now();
      const chunk = await withPatience({ ...patience, signal: stop }, () => planner.next());
      if (chunk === undefined) return;
      const result = await withPatience({ ...patience, signal: stop }, () =>
        copyChunk({ pools, passage, run, chunk, mayPark: settings.maxParked - parked }, wish),
      );
      lastChunkMs = performance.now() - began;
      rows += result.read;
      parked += result.parked;
      // Where rows are there already a straight COPY fails again and again, at twice the price.
      wish = result.written < result.read ? 'staged' : 'straight';
      if (result.read > 0) planner.resize(rowsFor(result.bytes / result.read, settings.chunkRows));
      rate.add({ at: performance.now(), rows });
      report();
    }
  }

  const workers = Array.from({ length: settings.workers }, () =>
    work().catch((cause: unknown) => {
      failed.abort();
      throw cause;
    }),
  );
  const ends = await Promise.allSettled(workers);
  // The first failure made the others stop: it is told, not that they did.
  const causes = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : []));
  const cause = causes.find((cause) => !isStop(cause)) ?? causes[0];
  if (cause !== undefined) throw cause;
  report();
}

function isStop(cause: unknown): boolean {
  return Error.isError(cause) && 'code' in cause && cause.code === 'stopped';
}

export function rowsFor(bytesOfRow: number, most: number): number {
  return Math.round(Math.min(most, Math.max(fewestRows, chunkBytes / Math.max(1, bytesOfRow))));
}

async function readTotals({ target }: PassagePools, run: Run) {
  const { rows } = await target.query<Record<'rows' | 'bytes' | 'read' | 'parked', string>>(
    `select r.rows_copied as rows, r.bytes_copied as bytes,
       (select coalesce(sum(rows_read), 0) from banyan.backfill_chunks c where c.run_id = r.run_id) as read,
       (select count(*) from banyan.parked p where p.dataset_id = r.dataset_id and p.epoch = 0 and p.seq = 0) as parked
     from banyan.backfill_runs r where run_id = $1`,
    [run.runId],
  );
  const numbers = { rows: 0, bytes: 0, read: 0, parked: 0 };
  for (const name of ['rows', 'bytes', 'read', 'parked'] as const)
    numbers[name] = Number(rows[0]?.[name] ?? 0);
  const { read, ...totals } = numbers;
  return { ...totals, leftAlone: Math.max(0, read - totals.rows - totals.parked) };
}
