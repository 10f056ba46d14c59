import { setTimeout as delay } from 'node:timers/promises';
import type { Pool } from 'pg';
import type { Side } from '#flags/stages.ts';
import type { Logger } from '#shared/telemetry/log.ts';
import { estimateRows, readColumns, readKeyOrder } from '../backfill/catalog.ts';
import { rangeCondition, walkOf, type Walk } from '../backfill/keyset.ts';
import { columnList, keyArray } from '../backfill/names.ts';
import { datasetsOf } from '../backfill/passage.ts';
import { findInstalled } from '../backfill/run.ts';
import { openSide } from '../database.ts';
import { otherSide } from '../plan.ts';
import type { CutoverPlan, DatasetPlan } from '../plan.types.ts';
import { readPairs, sameValues } from './by-key.ts';
import { fromTable, readCompared, type Compared } from './compared.ts';
import { differenceOf } from './difference.ts';
import { clearFindings, countFindings, noteFindings } from './findings.ts';
import { endRound, movePlace, readPlace, type PlaceName } from './place.ts';
import { lookAgain } from './second-look.ts';

export interface ContinuousVerifyOptions {
  readonly plan: CutoverPlan;
  readonly owner: Side;
  /** Everything is looked at once within so many milliseconds. */
  readonly within: number;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Rows of one look. Default: 500. */
  readonly batchRows?: number | undefined;
  /** Between two looks at a row in flight. Milliseconds. Default: 1,000. */
  readonly pauseMs?: number | undefined;
}

export interface ContinuousVerify {
  status(): ContinuousVerifyStatus;
  stop(): Promise<void>;
}

export interface ContinuousVerifyStatus {
  /** Part of the present round, 0 to 1. */
  readonly done: number;
  /** Rounds that this process ended. */
  readonly rounds: number;
  /** ISO 8601; `undefined` before the first round ended. */
  readonly lastRoundAt: string | undefined;
  readonly differences: number;
  /** A round takes longer than it should. */
  readonly behind: boolean;
}

const afterFailureMs = 5_000;
const looks = 4;

/**
 * Walks along the keys of both sides, again and again, and compares the rows it meets: a row that only one side has is met on
 * that side. Its place is kept on the follower, so a later process goes on there.
 */
export function startContinuousVerify(options: ContinuousVerifyOptions): ContinuousVerify {
  const { plan, owner, log } = options;
  const ended = new AbortController();
  const signal = AbortSignal.any([options.signal, ended.signal]);
  const state = {
    done: 0,
    rounds: 0,
    lastRoundAt: undefined as string | undefined,
    differences: 0,
    behind: false,
  };

  async function rounds(): Promise<void> {
    const open = { part: 'sample', max: 2 };
    const pools = { owner: openSide(plan, owner, open), follower: openSide(plan, otherSide(owner), open) };
    try {
      while (!signal.aborted) {
        const walks = await readWalks(pools, options);
        const all = walks.reduce((sum, { estimated }) => sum + Math.max(1, estimated), 0);
        let before = 0;
        for (const walk of walks) {
          // Each walk has its share of the round by its number of rows.
          const budgetMs = (options.within * Math.max(1, walk.estimated)) / all;
          await walkOnce(walk, {
            pools,
            options,
            signal,
            budgetMs,
            onPart: (part) => {
              state.done = (before + part * Math.max(1, walk.estimated)) / all;
            },
            onBehind: (behind) => void (state.behind = behind),
          });
          before += Math.max(1, walk.estimated);
          state.differences = await countFindings(pools.follower);
        }
        state.rounds += 1;
        state.lastRoundAt = new Date().toISOString();
      }
    } finally {
      await Promise.all([pools.owner.end(), pools.follower.end()]);
    }
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      try {
        await rounds();
      } catch (cause) {
        if (signal.aborted) return;
        log.warn({ err: cause }, 'sample: trying again');
        await delay(afterFailureMs, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  const running = run();
  return {
    status: () => ({ ...state }),
    async stop() {
      ended.abort();
      await running;
    },
  };
}

interface SampleWalk {
  readonly walk: Walk;
  readonly compared: Compared;
  readonly place: PlaceName;
  readonly estimated: number;
}

interface Pools {
  readonly owner: Pool;
  readonly follower: Pool;
}

async function readWalks(pools: Pools, { plan, owner }: ContinuousVerifyOptions): Promise<SampleWalk[]> {
  const walks: SampleWalk[] = [];
  for (const dataset of datasetsOf(plan)) {
    const compared = await readCompared(pools, dataset, owner);
    const { datasetId } = await findInstalled(pools.follower, dataset);
    for (const side of [owner, otherSide(owner)]) {
      const pool = side === owner ? pools.owner : pools.follower;
      walks.push({ compared, place: { datasetId, walked: side }, ...(await readWalk(pool, dataset, side)) });
    }
  }
  return walks;
}

async function readWalk(pool: Pool, dataset: DatasetPlan, side: Side) {
  const table = dataset.tables[side];
  const names = await readKeyOrder(pool, table);
  return {
    walk: walkOf(table, names, await readColumns(pool, table)),
    estimated: await estimateRows(pool, table),
  };
}

interface WalkJob {
  readonly pools: Pools;
  readonly options: ContinuousVerifyOptions;
  readonly signal: AbortSignal;
  readonly budgetMs: number;
  readonly onPart: (part: number) => void;
  readonly onBehind: (behind: boolean) => void;
}

interface Met {
  readonly ownerKey: string[];
  readonly followerKey: string[];
  readonly at: string[];
}

async function walkOnce({ walk, compared, place, estimated }: SampleWalk, job: WalkJob): Promise<void> {
  const { pools, options, signal, budgetMs } = job;
  const { batchRows = 500, pauseMs = 1_000 } = options;
  const side = compared.sides[place.walked];
  const pool = place.walked === compared.owner ? pools.owner : pools.follower;
  const names = walk.key.map(({ name }) => name);
  let { after, rowsInRound } = await readPlace(pools.follower, place);
  const perBatchMs = (budgetMs * batchRows) / Math.max(batchRows, estimated);
  for (;;) {
    signal.throwIfAborted();
    const began = performance.now();
    const { rows } = await pool.query<Met>(
      `select ${side.ownerKey} as "ownerKey", ${side.followerKey} as "followerKey", ${keyArray(names)} as at
       from ${fromTable(side)} where ${rangeCondition(walk, { lower: after, upper: undefined })}
       order by ${columnList(names)} limit ${batchRows}`,
    );
    const last = rows.at(-1);
    if (last === undefined) break;
    const pairs = await readPairs(pools, compared, rows);
    const unequal = pairs.filter(({ owner, follower }) => !sameValues(owner, follower));
    const { differ } = await lookAgain(
      unequal.map(({ name }) => name),
      { pools, compared, signal, pauseMs, looks },
    );
    const differences = differ.flatMap((pair) => differenceOf(compared, pair, 'hidden') ?? []);
    await clearFindings(pools.follower, place.datasetId, without(rows, differences));
    await noteFindings(pools.follower, place.datasetId, differences);
    after = last.at;
    rowsInRound += rows.length;
    await movePlace(pools.follower, place, { after, rows: rows.length });
    job.onPart(Math.min(1, rowsInRound / Math.max(1, estimated)));
    const left = perBatchMs - (performance.now() - began);
    job.onBehind(left < 0);
    if (left > 0) await delay(left, undefined, { signal });
  }
  await endRound(pools.follower, place);
}

function without(
  rows: readonly Met[],
  differences: readonly { readonly followerKey: readonly string[] }[],
): Met[] {
  const differing = new Set(differences.map(({ followerKey }) => JSON.stringify(followerKey)));
  return rows.filter(({ followerKey }) => !differing.has(JSON.stringify(followerKey)));
}
