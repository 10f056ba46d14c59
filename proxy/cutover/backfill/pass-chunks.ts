import { setTimeout as delay } from 'node:timers/promises';
import { isDrained } from '../drained.ts';
import type { DatasetJob } from './copy-dataset.ts';
import { failure } from './failures.ts';
import { withPatience } from './patience.ts';

interface Passing extends Pick<DatasetJob, 'pools' | 'passage' | 'reached' | 'signal' | 'log'> {
  readonly patience: Parameters<typeof withPatience>[0];
}

const askEveryMs = 500;

/** Waits until all that the chunks may have seen has come by the stream. However long that takes: without it no end is exact. */
export async function passChunks(job: Passing): Promise<void> {
  const { pools, passage, reached, signal, log, patience } = job;
  const snapshot = await withPatience(patience, async () => {
    const { rows } = await pools.source.query<{ snapshot: string }>(
      'select pg_current_snapshot()::text as snapshot',
    );
    return rows[0]?.snapshot ?? '';
  });
  if (reached !== undefined) return reached(snapshot);
  const { group, name } = passage.dataset;
  const ask = () => isDrained({ owner: pools.source, follower: pools.target, group, snapshot, withinMs: 0 });
  for (let asked = 0; !(await withPatience(patience, ask)); asked += 1) {
    if (asked === 1)
      log.warn({ dataset: name }, 'backfill: all is copied; waiting for the stream to pass it');
    await delay(askEveryMs, undefined, { signal }).catch((cause: unknown) => {
      throw failure('stopped', 'the copy', cause);
    });
  }
}
