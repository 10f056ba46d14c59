import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { startBackfill } from '#proxy/cutover/backfill/backfill.ts';
import { createSmallPair } from '../stream/support/small-pair.ts';
import type { Pair } from '../stream/support/pair.ts';
import { silent } from '../support/bulk-fixture.ts';

let pair: Pair;
const ending = new AbortController();

beforeEach(async () => {
  pair = await createSmallPair();
});
afterEach(() => pair.drop());

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await holds()); tries += 1) {
    if (tries > 400) throw new Error('it never came to be');
    await delay(25);
  }
}

const chunksDone = async (): Promise<boolean> =>
  (
    await pair.service.query(
      `select from banyan.backfill_runs r join banyan.datasets d using (dataset_id)
       join banyan.backfill_chunks c using (run_id) where d.name = 'owners' and c.state = 'done' and c.upper_key is null`,
    )
  ).length === 1;
const runs = async () =>
  (await pair.service.query<{ state: string }>('select state from banyan.backfill_runs order by run_id')).map(
    ({ state }) => state,
  );
const note = async () => (await pair.service.query('select note from owners where owner_id = 1'))[0];

/** Rows that were there before the capture: of all roles only the applier's writes are not captured. */
async function uncaptured(text: string): Promise<void> {
  const client = new Client({ connectionString: pair.plan.databases.monolith.url });
  await client.connect();
  await client.query(text);
  await client.end();
}

test('a chunk that is newer than changes on their way keeps its run open until those have passed', async () => {
  await pair.monolith.query(`insert into parents values (1, 'one', 1, 'first')`);
  await pair.monolith.query(`update parents set note = 'second' where id = 1`);
  let closed = false;
  const copying = startBackfill({ plan: pair.plan, to: 'service', log: silent, signal: ending.signal }).then(
    () => void (closed = true),
  );
  await until(chunksDone);
  expect(await note()).toEqual({ note: 'second' });
  // Longer than it asks: the older change would put the row back if it came after the close.
  await delay(700);
  expect([closed, await runs()]).toEqual([false, ['open', 'open']]);
  const stream = await pair.start({ page: { rows: 1 } });
  await copying;
  expect(await runs()).toEqual(['closed', 'closed']);
  expect(await note()).toEqual({ note: 'second' });
  await pair.settled(stream);
  expect(await note()).toEqual({ note: 'second' });
});

test('a change that came before the row it refers to waits for the copy of that row, and no longer', async () => {
  await uncaptured(`insert into parents (id, name) values (1, 'one')`);
  const stream = await pair.start({ times: { watchOutbox: 50 } });
  await pair.monolith.query(`insert into children values (7, 1, 'early')`);
  await until(async () => stream.status().parked === 1);
  // As after many tries: it would not be looked at for ten minutes.
  await pair.service.query(`update banyan.parked set due_at = clock_timestamp() + interval '10 minutes'`);
  await startBackfill({
    plan: pair.plan,
    to: 'service',
    log: silent,
    signal: ending.signal,
    reached: (snapshot) => stream.drainedUpTo(snapshot),
  });
  await until(async () => stream.status().parked === 0);
  expect(await pair.service.query('select word from parts')).toEqual([{ word: 'early' }]);
});
