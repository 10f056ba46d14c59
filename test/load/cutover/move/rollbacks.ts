import { setTimeout as delay } from 'node:timers/promises';
import type { Side, Stage } from '#flags/stages.ts';
import { itemsWorld, type ItemsWorld } from '#test/proxy/cutover/move/support/items.ts';
import { tellGoal } from '../goals.ts';
import { startRunning } from './running.ts';
import { at, evenly } from './samples.ts';
import { startWriterProcess } from './writer-process.ts';

/**
 * How long a flag that is set back takes: until the first reads, and then until the last bucket's writes, are the
 * monolith's. `banyan run` with two workers, all 256 buckets on the service, under writes.
 */
export async function measureRollbacks({
  rounds,
  rate,
}: {
  readonly rounds: number;
  readonly rate: number;
}): Promise<void> {
  const world = await itemsWorld({ buckets: 256, rows: 2_000 });
  await world.unfollow();
  const running = await startRunning(world);
  const writers = await startWriterProcess({ world, ids: evenly(2_000), rate });
  const reads: number[] = [];
  const writes: number[] = [];
  const readFrom = async (): Promise<string> => {
    const response = await fetch(`${running.url}/items/1`, { headers: { connection: 'close' } });
    await response.arrayBuffer();
    return response.headers.get('x-side') ?? '';
  };
  const to = async (stage: Stage): Promise<void> => running.setStage(stage);
  for (let round = 0; round < 2 * rounds; round += 1) {
    await to('live');
    await until(() => allOwnedBy(world, 'service'), 60_000);
    await delay(500);
    const began = performance.now();
    await to('dualwrite');
    const readsBack = (async () => {
      let since = began;
      // Eight in a row, so that both workers answered; the first of them counts.
      for (let inARow = 0; inARow < 8;) {
        const asked = performance.now();
        inARow = (await readFrom()) === 'monolith' ? inARow + 1 : 0;
        if (inARow <= 1) since = asked;
      }
      reads.push(since - began);
    })();
    await until(() => allOwnedBy(world, 'monolith'), 60_000);
    writes.push(performance.now() - began);
    await readsBack;
  }
  const { written, failed, longestMs, seconds } = await writers.stop();
  await running.end();
  await world.drop();
  process.stdout.write(
    `\nrollback by flag of all 256 buckets, ${2 * rounds} times, ${(written / seconds).toFixed(0)} writes/s
  reads back: p50 ${at(reads, 0.5).toFixed(0)} ms, most ${at(reads, 1).toFixed(0)} ms
  writes back: p50 ${at(writes, 0.5).toFixed(0)} ms, most ${at(writes, 1).toFixed(0)} ms; ${failed} writes failed, longest ${longestMs.toFixed(0)} ms
`,
  );
  const goal = { is: 'at most', unit: 'ms' } as const;
  tellGoal({ what: 'reads back after the flag, most', had: at(reads, 1), wanted: 1_000, ...goal });
  tellGoal({ what: 'writes back after the flag, most', had: at(writes, 1), wanted: 2_000, ...goal });
  tellGoal({ what: 'failed writes, rollback', had: failed, wanted: 0, is: 'at most', unit: 'writes' });
}

async function allOwnedBy(world: ItemsWorld, side: Side): Promise<boolean> {
  const rows = await world.databases[side].query<{ owned: number }>(
    `select count(*)::int as owned from banyan.buckets where state = 'owner'`,
  );
  return rows[0]?.owned === 256;
}

async function until(holds: () => Promise<boolean>, withinMs: number): Promise<void> {
  for (const end = performance.now() + withinMs; !(await holds()); await delay(10))
    if (performance.now() > end) throw new Error(`it did not happen within ${withinMs} ms`);
}
