import type { Side } from '#flags/stages.ts';
import { openSide } from '../database.ts';
import { otherSide } from '../plan.ts';
import type { CutoverPlan } from '../plan.types.ts';
import { estimateRows } from './catalog.ts';
import { isFailure } from './failures.ts';
import { datasetsOf, readPassage, type Passage, type PassagePools } from './passage.ts';
import { findInstalled, fingerprintOf, openRun, type OpenedRun } from './run.ts';

/** A dataset that is about to be copied, or that was. */
export interface OpenDataset {
  readonly passage: Passage;
  readonly run: OpenedRun;
  /** Rows of the source, by its statistics. */
  readonly estimated: number;
}

/**
 * Opens the runs of all datasets of a plan, before the first of them is copied: the stream leaves the changes of those whose
 * turn is yet to come to their chunks, and so they meet no row that is not there yet.
 * @throws `not-installed`, `owned-here`
 */
export async function openRuns(
  pools: PassagePools,
  { plan, to }: { readonly plan: CutoverPlan; readonly to: Side },
): Promise<OpenDataset[]> {
  const opened: OpenDataset[] = [];
  for (const dataset of datasetsOf(plan)) {
    const passage = await readPassage(pools, dataset, to);
    const { walk } = passage;
    const installed = await findInstalled(pools.target, dataset);
    const estimated = await estimateRows(pools.source, walk.table);
    const names = walk.key.map(({ name }) => name);
    const fingerprint = fingerprintOf(dataset, to, names);
    const run = await openRun(pools.target, installed, { purpose: 'backfill', fingerprint, estimated });
    opened.push({ passage, run, estimated });
  }
  return opened;
}

/** For who starts the stream first: a backfill will follow, and goes on with these runs. */
export async function openBackfill({
  plan,
  to,
}: {
  readonly plan: CutoverPlan;
  readonly to: Side;
}): Promise<void> {
  const pools = {
    source: openSide(plan, otherSide(to), { part: 'backfill', max: 1 }),
    target: openSide(plan, to, { part: 'backfill', max: 2 }),
  };
  try {
    await openRuns(pools, { plan, to });
  } catch (cause) {
    // The backfill itself says so, and streams and moves must not wait for that.
    if (!isFailure(cause)) throw cause;
  } finally {
    await Promise.all([pools.source.end(), pools.target.end()]);
  }
}
