import { openSide } from '../database.ts';
import { otherSide } from '../plan.ts';
import type { BackfillOptions, BackfillResult, BackfillSettings, DatasetCopied } from './backfill.types.ts';
import { copyDataset } from './copy-dataset.ts';
import { failure, isFailure } from './failures.ts';
import { openRuns } from './open-runs.ts';
import { datasetsOf } from './passage.ts';
import { withPatience } from './patience.ts';
import { abandonRuns, findInstalled } from './run.ts';
import { createThrottle } from './throttle.ts';

const defaults = {
  workers: 2,
  chunkRows: 20_000,
  maxParked: 10_000,
  giveUpMs: 600_000,
  settlePauseMs: 1_000,
  throttle: {},
} satisfies BackfillSettings;

/** A chunk's COPY waits for whoever reads or writes; a process that is stopped in one must not hold its locks for ever. */
const statementTimeoutMs = 120_000;

/**
 * Copies every dataset of the plan into `to`, parents first, while both sides work. Begin it when the capture is installed
 * on the other side, else rows are missed. It goes on where an earlier process was killed; a dataset that was copied
 * before is left as it is, until `abandonBackfill`.
 *
 * Rows that are there already are left alone, equal or not: verify tells the difference.
 * @throws an error whose `code` is one of `failures`, or what PostgreSQL says
 */
export async function startBackfill(options: BackfillOptions): Promise<BackfillResult> {
  const { plan, to, log, signal } = options;
  const settings = { ...defaults, ...options.settings };
  const began = performance.now();
  const max = settings.workers + 2;
  const pools = {
    source: openSide(plan, otherSide(to), { part: 'backfill', max, statementTimeoutMs }),
    target: openSide(plan, to, { part: 'backfill', max, statementTimeoutMs, byIndexOnly: true }),
  };
  try {
    const throttle = createThrottle({
      source: pools.source,
      lagMs: options.lagMs,
      limits: settings.throttle,
    });
    const datasets: DatasetCopied[] = [];
    const opened = await withPatience(
      {
        signal,
        giveUpMs: settings.giveUpMs,
        onRetry: (cause, waitMs) => log.warn({ err: cause, waitMs }, 'backfill: trying again'),
      },
      () => openRuns(pools, { plan, to }),
    );
    for (const dataset of opened) {
      const copied = await copyDataset({
        ...dataset,
        pools,
        settings,
        throttle,
        log,
        signal,
        onProgress: options.onProgress ?? (() => undefined),
        reached: options.reached,
      });
      log.info({ ...copied }, 'backfill: dataset copied');
      datasets.push(copied);
    }
    return { datasets, tookMs: performance.now() - began };
  } catch (cause) {
    throw signal.aborted && !isFailure(cause) ? failure('stopped', 'the copy', cause) : cause;
  } finally {
    await Promise.all([pools.source.end(), pools.target.end()]);
  }
}

/** For when the copy into `to` ends: what was copied is no longer followed, so a later backfill begins anew. */
export async function abandonBackfill({ plan, to }: Pick<BackfillOptions, 'plan' | 'to'>): Promise<void> {
  const pool = openSide(plan, to, { part: 'backfill', max: 1 });
  try {
    for (const dataset of datasetsOf(plan)) await abandonRuns(pool, await findInstalled(pool, dataset));
  } finally {
    await pool.end();
  }
}
