import type { Side } from '#flags/stages.ts';
import { itemsWorld, type ItemsWorld } from '#test/proxy/cutover/move/support/items.ts';
import { tellGoal } from '../goals.ts';
import { at, evenly } from './samples.ts';
import { startWriterProcess } from './writer-process.ts';

/**
 * For how long a move holds writes back. Pause: from the wait for the fence to the new owner, as the controller measures
 * it, so an upper bound. Longest write: what one write took at most, on whatever side it ended.
 */
export async function measurePauses(options: {
  readonly moves: number;
  readonly rounds: number;
  readonly rate: number;
}): Promise<void> {
  const { moves, rounds, rate } = options;
  const many = await itemsWorld({ buckets: 256, rows: 2_000 });
  await measure(many, {
    what: 'one of 256 buckets',
    moves,
    buckets: [0],
    goalMs: 100,
    ids: await spread(many, 4, 0),
    rate: 200,
  });
  await measure(many, {
    what: 'all 256 buckets',
    moves: 2 * rounds,
    buckets: Array.from({ length: 256 }, (_, bucket) => bucket),
    goalMs: 500,
    ids: evenly(2_000),
    rate,
  });
  await many.drop();
  const one = await itemsWorld({ rows: 2_000 });
  await measure(one, {
    what: 'a group of one bucket',
    moves,
    buckets: [0],
    goalMs: 500,
    ids: evenly(2_000),
    rate,
  });
  await one.drop();
}

interface Case {
  readonly what: string;
  readonly moves: number;
  readonly buckets: readonly number[];
  readonly goalMs: number;
  readonly ids: readonly (readonly string[])[];
  /** Writes a second. */
  readonly rate: number;
}

/** Of the asked rate: the writers of a machine that is busy otherwise do not keep up with it. */
const reachedShare = 0.95;
/** So that the writers' rate shows beside many short moves. */
const betweenMovesMs = 50;

async function measure(world: ItemsWorld, { what, moves, buckets, goalMs, ids, rate }: Case): Promise<void> {
  const writers = await startWriterProcess({ world, ids, rate });
  const pauses: number[] = [];
  const took: Record<Side, number[]> = { monolith: [], service: [] };
  let unmoved = 0;
  for (let move = 0; move < moves; move += 1) {
    const to = move % 2 === 0 ? 'service' : 'monolith';
    const { outcomes, tookMs } = await world.move(to, { buckets });
    took[to].push(tookMs);
    for (const { end, pauseMs } of outcomes) {
      if (end !== 'moved') unmoved += 1;
      else if (pauseMs !== undefined) pauses.push(pauseMs);
    }
    await new Promise((resolve) => setTimeout(resolve, betweenMovesMs));
  }
  const { written, refused, failed, longestMs, seconds } = await writers.stop();
  process.stdout.write(
    `\n${what}, ${moves} moves, ${rate} writes/s asked
  pause: p50 ${at(pauses, 0.5).toFixed(0)} ms, p99 ${at(pauses, 0.99).toFixed(0)} ms, most ${at(pauses, 1).toFixed(0)} ms
  writers: ${(written / seconds).toFixed(0)} writes/s, ${refused} refused and sent on, ${failed} failed, longest write ${longestMs.toFixed(0)} ms
  whole call: there p50 ${at(took.service, 0.5).toFixed(0)} ms, back p50 ${at(took.monolith, 0.5).toFixed(0)} ms, most ${at(took.monolith, 1).toFixed(0)} ms; ${unmoved} not moved
`,
  );
  const goal = { is: 'at most', unit: 'ms' } as const;
  tellGoal({ what: `pause of ${what}, p99`, had: at(pauses, 0.99), wanted: goalMs, ...goal });
  tellGoal({ what: `failed writes, ${what}`, had: failed, wanted: 0, is: 'at most', unit: 'writes' });
  tellGoal({
    what: `load, ${what}`,
    had: written / seconds,
    wanted: rate * reachedShare,
    is: 'at least',
    unit: 'writes/s',
  });
}

async function spread(world: ItemsWorld, writers: number, bucket: number): Promise<string[][]> {
  const ids = await world.idsIn(bucket, writers * 5);
  return Array.from({ length: writers }, (_, writer) => ids.slice(writer * 5, writer * 5 + 5));
}
