import { datasetsOf } from '../backfill/passage.ts';
import { openSide } from '../database.ts';
import { otherSide } from '../plan.ts';
import { certaintySentence, chanceOfMiss } from './certainty.ts';
import { verifyDataset } from './verify-dataset.ts';
import type {
  DatasetVerified,
  Difference,
  VerifyOptions,
  VerifyReport,
  VerifySettings,
} from './verify.types.ts';

const defaults = {
  workers: 2,
  maxDifferences: 1_000,
  values: 'hidden',
  pauseMs: 1_000,
  looks: 5,
} satisfies VerifySettings;

/** One part of a scan is bounded; this is for a machine that is very busy. */
const statementTimeoutMs = 600_000;

/** Compares every row of every dataset, by digests computed inside the two databases; only what differs is fetched. */
export async function verify(options: VerifyOptions): Promise<VerifyReport> {
  const { plan, owner, mode } = options;
  const settings = { ...defaults, ...options.settings };
  const startedAt = new Date().toISOString();
  const began = performance.now();
  const open = { part: 'verify', max: settings.workers + 2, statementTimeoutMs };
  const pools = { owner: openSide(plan, owner, open), follower: openSide(plan, otherSide(owner), open) };
  try {
    const datasets: DatasetVerified[] = [];
    const differences: Difference[] = [];
    for (const dataset of datasetsOf(plan)) {
      options.signal.throwIfAborted();
      const result = await verifyDataset({ pools, dataset, owner, options, settings });
      datasets.push(result.verified);
      differences.push(...result.differences);
    }
    const shards = datasets.reduce((sum, dataset) => sum + dataset.shards, 0);
    return {
      equal: datasets.every(({ differences, shardsUnopened }) => differences === 0 && shardsUnopened === 0),
      mode,
      owner,
      startedAt,
      tookMs: performance.now() - began,
      datasets,
      differences,
      chanceOfMiss: chanceOfMiss(shards),
      certainty: certaintySentence(shards),
    };
  } finally {
    await Promise.all([pools.owner.end(), pools.follower.end()]);
  }
}
