import type { Pool } from 'pg';
import type { Side } from '#flags/stages.ts';
import { messageOf } from '#shared/errors/message.ts';
import { isRowFault } from '../backfill/failures.ts';
import { guardCopy } from '../backfill/guard.ts';
import { datasetsOf, readPassage, type Passage } from '../backfill/passage.ts';
import { withPatience } from '../backfill/patience.ts';
import { closeRun, findInstalled, openRun } from '../backfill/run.ts';
import { inTransaction } from '../backfill/transaction.ts';
import { openSide } from '../database.ts';
import { otherSide } from '../plan.ts';
import type { CutoverPlan } from '../plan.types.ts';
import { readByKey, readPairs, sameValues, type Pair } from './by-key.ts';
import { readCompared, type Compared } from './compared.ts';
import { isDrained } from '../drained.ts';
import { repairRow } from './repair-rows.ts';
import { unrepaired, type RepairOptions, type RepairReport } from './repair.types.ts';
import type { Difference } from './verify.types.ts';

const batch = 200;
const drainWithinMs = 10_000;
const lockWithinMs = 30_000;

/**
 * Copies rows again from the owner, and deletes what it does not have; never over a newer change:
 *
 * 1. Read the rows on the owner.
 * 2. Take a snapshot, and wait until the follower has every captured change which it sees; else leave the rows to the
 *    stream. So nothing that led to what was read is still on its way.
 * 3. Keep applies away: under the class lock of an open run, as a backfill's chunk does.
 * 4. Read the rows on the owner once more. A row that changed since is left to the stream: its change is captured.
 * 5. Write. Every change that is applied later was committed after 4, so it is newer than what is written.
 */
export async function repair(options: RepairOptions): Promise<RepairReport> {
  const { plan, owner, differences, dryRun } = options;
  const pools = {
    owner: openSide(plan, owner, { part: 'repair', max: 2 }),
    follower: openSide(plan, otherSide(owner), { part: 'repair', max: 2 }),
  };
  const tally = { repaired: 0, deleted: 0, equalAlready: 0, failed: [] as Failed[] };
  try {
    for (const { dataset, deletes } of inOrderOfReferences(plan)) {
      const mine = differences.filter(
        (difference) => difference.dataset === dataset.name && (difference.kind === 'extra') === deletes,
      );
      if (mine.length === 0) continue;
      const to = otherSide(owner);
      const passage = await readPassage({ source: pools.owner, target: pools.follower }, dataset, to);
      const compared = await readCompared(pools, dataset, owner);
      for (let from = 0; from < mine.length; from += batch) {
        options.signal?.throwIfAborted();
        const differences = mine.slice(from, from + batch);
        await repairBatch({ pools, passage, compared, options, differences, tally });
      }
    }
    return { dryRun, ...tally };
  } finally {
    await Promise.all([pools.owner.end(), pools.follower.end()]);
  }
}

/** Rows are written parents first, and deleted children first. */
function inOrderOfReferences(plan: CutoverPlan) {
  const datasets = datasetsOf(plan);
  return [
    ...datasets.map((dataset) => ({ dataset, deletes: false })),
    ...datasets.toReversed().map((dataset) => ({ dataset, deletes: true })),
  ];
}

type Failed = RepairReport['failed'][number];

interface Batch {
  readonly pools: { readonly owner: Pool; readonly follower: Pool };
  readonly passage: Passage;
  readonly compared: Compared;
  readonly options: RepairOptions;
  readonly differences: readonly Difference[];
  readonly tally: { repaired: number; deleted: number; equalAlready: number; readonly failed: Failed[] };
}

interface Open {
  readonly difference: Difference;
  readonly pair: Pair;
}

async function repairBatch(job: Batch): Promise<void> {
  const { pools, passage, compared, options, differences, tally } = job;
  const names = differences.map(({ key, followerKey }) => ({ ownerKey: key, followerKey }));
  const pairs = await readPairs(pools, compared, names);
  const open = differences.flatMap((difference, index): Open[] => {
    const pair = pairs[index];
    if (pair !== undefined && !sameValues(pair.owner, pair.follower)) return [{ difference, pair }];
    tally.equalAlready += 1;
    return [];
  });
  if (open.length === 0) return;
  if (options.dryRun) {
    tally.repaired += open.length;
    tally.deleted += open.filter(({ pair }) => pair.owner === undefined).length;
    return;
  }
  const drained = await isDrained({
    ...pools,
    group: passage.dataset.group,
    snapshot: await snapshotOf(pools.owner),
    withinMs: options.drainWithinMs ?? drainWithinMs,
  });
  if (!drained) {
    for (const { difference } of open) tally.failed.push(failed(difference, 'pending'));
    return;
  }
  const installed = await findInstalled(pools.follower, passage.dataset);
  // A busy group's locks may take longer than one lock time-out.
  const patience = { signal: options.signal ?? new AbortController().signal, giveUpMs: lockWithinMs };
  const run = await withPatience(patience, () =>
    openRun(pools.follower, installed, { purpose: 'repair', fingerprint: '', estimated: 0 }),
  );
  try {
    await writeRows(job, open, run);
  } finally {
    // An open backfill's run is its own to close.
    if (run.state === 'new') await withPatience(patience, () => closeRun(pools.follower, run));
  }
}

async function writeRows(
  { pools, passage, compared, tally }: Batch,
  open: readonly Open[],
  run: Parameters<typeof guardCopy>[1],
): Promise<void> {
  const owner: Side = compared.owner;
  await inTransaction(pools.follower, async (client) => {
    const { owned } = await guardCopy(client, run);
    const now = await readByKey(pools.owner, {
      side: compared.sides[owner],
      names: open.map(({ pair }) => pair.name),
      own: 'ownerKey',
    });
    for (const [index, { difference, pair }] of open.entries()) {
      if (!sameValues(now[index], pair.owner)) {
        tally.failed.push(failed(difference, 'changing'));
        continue;
      }
      await client.query('savepoint row');
      try {
        const outcome = await repairRow(client, passage, {
          pair,
          owned,
          key: compared.sides[passage.to].key,
        });
        if (outcome === 'owned') tally.failed.push(failed(difference, 'owned-here'));
        else tally.repaired += 1;
        if (outcome === 'deleted') tally.deleted += 1;
      } catch (cause) {
        if (!isRowFault(cause)) throw cause;
        await client.query('rollback to savepoint row');
        tally.failed.push(failed(difference, 'refused', messageOf(cause)));
      }
      await client.query('release savepoint row');
    }
  });
}

function failed(difference: Difference, code: keyof typeof unrepaired, detail?: string): Failed {
  return {
    difference,
    code,
    reason: detail === undefined ? unrepaired[code] : `${unrepaired[code]} ${detail}`,
  };
}

async function snapshotOf(owner: Pool): Promise<string> {
  const { rows } = await owner.query<{ snapshot: string }>('select pg_current_snapshot()::text as snapshot');
  return rows[0]?.snapshot ?? '';
}
