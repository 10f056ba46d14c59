import type { Pool } from 'pg';
import { bothSides } from '../plan.ts';
import { openSide } from '../database.ts';
import type { Side } from '#flags/stages.ts';
import { advanceIds } from '../ids/advance.ts';
import { moveBucket, type BucketMoveContext } from './bucket-move.ts';
import type { BucketOutcome, MoveBounds, MoveObstacle, MoveOptions, MoveReport } from './move.types.ts';
import { createDrainWatch } from './drain-watch.ts';
import { openAhead } from './open-ahead.ts';
import { createOpenCopies } from './open-copies.ts';
import { precheck } from './precheck.ts';
import { readStandings, type BucketStanding, type SidePools } from './read-facts.ts';

export const usualBounds = {
  withinMs: 5_000,
  holdMs: 100,
  giveUpMs: 10_000,
  parallel: 64,
} satisfies MoveBounds;

/** To each side. Most of its time a bucket waits for the stream and needs none. */
const mostConnections = 16;

/** How long the way there and back may take before a move is not begun, milliseconds. */
export const usualLateMs = 2_000;

export interface MoveRefused extends Error {
  readonly name: 'MoveRefused';
  readonly obstacles: readonly MoveObstacle[];
}

export function isMoveRefused(error: unknown): error is MoveRefused {
  return Error.isError(error) && error.name === 'MoveRefused';
}

/**
 * Hands buckets of a group over to a side: checks, then fence, drain and commit for each, several at once. What is found
 * half done, by whomever, is ended first; a bucket that is there already is left alone. Streams both ways must be running.
 * @throws MoveRefused with what stands in the way; then nothing was changed
 */
export async function moveBuckets(options: MoveOptions): Promise<MoveReport> {
  const { plan, group, to, buckets, by, log, checks = 'all' } = options;
  const bounds = { ...usualBounds, ...options.bounds };
  const signal = options.signal ?? new AbortController().signal;
  const began = performance.now();
  const pools = openPools(plan, Math.min(bounds.parallel, mostConnections) + 1);
  try {
    if (checks !== 'none') {
      const verified = checks === 'all';
      const { obstacles } = await precheck({ pools, group, to, buckets, verified, lateMs: usualLateMs });
      if (obstacles.length > 0) throw refused(group, obstacles);
    }
    const idsOf = plan.groups.find(({ name }) => name === group);
    if (idsOf !== undefined) await advanceIds({ pools, group: idsOf, to });
    await openAhead(pools, Math.min(buckets.length, bounds.parallel, mostConnections));
    const context: BucketMoveContext = {
      pools,
      group,
      groupIds: await groupIdsOf(pools, group),
      to,
      by,
      bounds,
      drains: createDrainWatch(pools, group),
      openCopies: createOpenCopies(pools, group),
      first: await firstStandings(pools, group, buckets),
      signal,
      onStep(step) {
        log.debug({ group, to, ...step }, 'a step of a move was taken');
        options.onStep?.(step);
      },
    };
    const outcomes = await inParallel(buckets, bounds.parallel, (bucket) => moveBucket(context, bucket));
    const report = reportOf({ group, to, outcomes, tookMs: performance.now() - began });
    const unmoved = outcomes.filter(({ end }) => end !== 'moved');
    log.info(
      { group, to, by, moved: report.pause.count, pause: report.pause, unmoved: unmoved.length },
      'moved',
    );
    for (const { bucket, end, reason } of unmoved.slice(0, 10))
      log.warn({ group, to, bucket, end, reason }, 'a bucket was not moved');
    return report;
  } finally {
    await Promise.all(bothSides.map((side) => pools[side].end()));
  }
}

/** A statement of a move is short; one that is not hangs. */
const statementTimeoutMs = 10_000;

export function openPools(plan: MoveOptions['plan'], max: number): SidePools {
  const open = (side: Side): Pool => openSide(plan, side, { part: 'move', max, statementTimeoutMs });
  return { monolith: open('monolith'), service: open('service') };
}

/** A side that does not answer is found by each bucket, and waited for within its bound. */
async function firstStandings(
  pools: SidePools,
  group: string,
  buckets: readonly number[],
): Promise<Map<number, BucketStanding>> {
  const found = await readStandings(pools, group, buckets).catch(() => []);
  return new Map(found.map((one) => [one.bucket, one]));
}

function refused(group: string, obstacles: readonly MoveObstacle[]): MoveRefused {
  const message = `group ${group} is not moved: ${obstacles.map((one) => one.message).join('; ')}`;
  return Object.assign(new Error(message), { name: 'MoveRefused' as const, obstacles });
}

export async function groupIdsOf(pools: SidePools, group: string): Promise<Readonly<Record<Side, number>>> {
  const idOn = async (side: Side): Promise<number> => {
    const { rows } = await pools[side].query<{ group_id: number }>(
      'select group_id from banyan.groups where name = $1',
      [group],
    );
    const [row] = rows;
    if (row === undefined) throw new Error(`group ${group} is not installed on the ${side}`);
    return row.group_id;
  };
  const [monolith, service] = await Promise.all([idOn('monolith'), idOn('service')]);
  return { monolith, service };
}

async function inParallel<Item, Result>(
  items: readonly Item[],
  workers: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const waiting = items.entries();
  const run = async (): Promise<void> => {
    for (const [at, item] of waiting) results[at] = await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(workers, items.length) }, run));
  return results;
}

function reportOf(report: {
  readonly group: string;
  readonly to: Side;
  readonly outcomes: readonly BucketOutcome[];
  readonly tookMs: number;
}): MoveReport {
  const pauses = report.outcomes
    .flatMap(({ pauseMs }) => (pauseMs === undefined ? [] : [pauseMs]))
    .toSorted((one, other) => one - other);
  const at = (share: number): number =>
    pauses[Math.min(pauses.length - 1, Math.floor(pauses.length * share))] ?? 0;
  return { ...report, pause: { count: pauses.length, p50: at(0.5), p99: at(0.99), max: pauses.at(-1) ?? 0 } };
}
