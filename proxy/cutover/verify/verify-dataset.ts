import type { Pool } from 'pg';
import type { Side } from '#flags/stages.ts';
import { estimateRows } from '../backfill/catalog.ts';
import type { DatasetPlan } from '../plan.types.ts';
import { readPairs, type Pair } from './by-key.ts';
import { readCompared } from './compared.ts';
import { takeCut } from './cut.ts';
import { differenceOf } from './difference.ts';
import { chooseDigest } from './digest.ts';
import { differingShards, openShards } from './open-shards.ts';
import { scanDigests, type Scan } from './scan.ts';
import { lookAgain } from './second-look.ts';
import type { DatasetVerified, Difference, VerifyOptions, VerifySettings } from './verify.types.ts';
import { nothingCapturedSince } from './captured-since.ts';

export interface DatasetVerification {
  readonly pools: { readonly owner: Pool; readonly follower: Pool };
  readonly dataset: DatasetPlan;
  readonly owner: Side;
  readonly options: VerifyOptions;
  readonly settings: VerifySettings;
}

/** Few enough rows in one to open it cheaply, few enough shards to hold them all. */
const rowsOfShard = 1_000;
const mostShards = 16_384;
/** Rows in flight that are looked at again at most; with more, shards stay unopened and the report says so. */
const mostInFlight = 50_000;

export function shardsFor(rows: number): number {
  return Math.min(mostShards, 2 ** Math.max(4, Math.ceil(Math.log2(Math.max(1, rows / rowsOfShard)))));
}

export async function verifyDataset(
  job: DatasetVerification,
): Promise<{ readonly verified: DatasetVerified; readonly differences: readonly Difference[] }> {
  const { pools, dataset, owner, options, settings } = job;
  const began = performance.now();
  const compared = await readCompared(pools, dataset, owner);
  const digest = await chooseDigest(pools.owner, pools.follower);
  const shards = shardsFor(await estimateRows(pools.owner, dataset.tables[owner]));
  const ownerCut = await takeCut(pools.owner, settings.workers);
  try {
    if (options.mode === 'snapshot') await options.drainedUpTo?.(ownerCut.snapshot);
    const followerCut = await takeCut(pools.follower, settings.workers);
    try {
      const consistent = await nothingCapturedSince(pools.owner, ownerCut.snapshot);
      let rows = 0;
      let done = 0;
      const report = (): void =>
        options.onProgress?.({ dataset: dataset.name, shards: shards * 2, shardsDone: done, rows });
      const scanOf = (side: Side): Scan => ({
        side: compared.sides[side],
        cut: side === owner ? ownerCut : followerCut,
        digest,
        shards,
        signal: options.signal,
        onRows: (more) => {
          rows += more;
          report();
        },
      });
      const scans = { owner: scanOf(owner), follower: scanOf(compared.follower) };
      const scanned = async (scan: Scan) => {
        const digests = await scanDigests(scan);
        done += shards;
        report();
        return digests;
      };
      const [mine, theirs] = await Promise.all([scanned(scans.owner), scanned(scans.follower)]);
      const unequal = differingShards(mine, theirs);
      const isLive = options.mode === 'live';
      const enough = isLive ? Math.max(mostInFlight, settings.maxDifferences) : settings.maxDifferences;
      const opened = await openShards(scans, unequal, enough);
      const [ownerDb, followerDb] = [ownerCut.connections[0], followerCut.connections[0]];
      if (ownerDb === undefined || followerDb === undefined) throw new Error('a cut has connections');
      let pairs: readonly Pair[] = [];
      let moving = 0;
      let found = 0;
      if (!isLive) {
        const listed = opened.rows.slice(0, settings.maxDifferences);
        pairs = await readPairs({ owner: ownerDb, follower: followerDb }, compared, listed);
        found = opened.rows.length;
      } else {
        // The cuts go first: they hold back the cleaning of both databases, and new looks see new states.
        await Promise.all([ownerCut.close(), followerCut.close()]);
        const looked = await lookAgain(opened.rows, { pools, compared, signal: options.signal, ...settings });
        pairs = looked.differ.slice(0, settings.maxDifferences);
        found = looked.differ.length;
        ({ moving } = looked);
      }
      const differences = pairs.flatMap((pair) => differenceOf(compared, pair, settings.values) ?? []);
      const count = (digests: typeof mine): number =>
        [...digests.values()].reduce((sum, { rows }) => sum + rows, 0);
      return {
        differences,
        verified: {
          dataset: dataset.name,
          rows: count(mine),
          followerRows: count(theirs),
          shards,
          shardsDiffer: unequal.length,
          shardsUnopened: opened.unopened,
          differences: found,
          moving,
          method: digest.method,
          consistent,
          tookMs: performance.now() - began,
        },
      };
    } finally {
      await followerCut.close();
    }
  } finally {
    await ownerCut.close();
  }
}
