import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { abandonBackfill, startBackfill } from '#proxy/cutover/backfill/backfill.ts';
import { openBackfill } from '#proxy/cutover/backfill/open-runs.ts';
import type { Stream } from '#proxy/cutover/stream/start-stream.ts';
import { run, silent } from '../support/bulk-fixture.ts';
import { bothSides, type Pair } from './support/pair.ts';
import { createSmallPair, datasetOf } from './support/small-pair.ts';

let pair: Pair;
let stream: Stream;

beforeAll(async () => {
  pair = await createSmallPair();
});
afterAll(() => pair.drop());

/** Rows from before the capture: of all roles only the applier's writes are not captured. */
const uncaptured = (text: string) => run(pair.plan.databases.monolith.url, text);
const here = (text: string) => run(pair.plan.databases.service.url, text);

beforeEach(async () => {
  await uncaptured(`insert into parents (id, name) select n, 'p' || n from generate_series(1, 9) n;
    insert into children select n, n, 'old' from generate_series(1, 9) n`);
});
afterEach(async () => {
  await pair.settled(stream);
  await pair.stopAll();
  await abandonBackfill({ plan: pair.plan, to: 'service' });
  await uncaptured('delete from children; delete from parents');
  await here('delete from parts; delete from owners; delete from banyan.applied; delete from banyan.parked');
});

async function follow(): Promise<void> {
  stream = await pair.start({ times: { watchOutbox: 20 } });
  await pair.settled(stream);
}

async function copied(): Promise<void> {
  const { signal } = new AbortController();
  const reached = (snapshot: string) => stream.drainedUpTo(snapshot);
  await startBackfill({ plan: pair.plan, to: 'service', log: silent, signal, reached });
  await pair.settled(stream);
  // What waited for a row is due since that was copied.
  while (stream.status().parked > 0) await delay(10);
  for (const name of ['owners', 'parts']) {
    const { owner, follower } = await bothSides(pair, datasetOf(pair, name));
    expect(follower).toEqual(owner);
  }
}

test('nothing is parked, nothing applied, and the backfill brings what they led to', async () => {
  await openBackfill({ plan: pair.plan, to: 'service' });
  await pair.monolith
    .query(`insert into children values (20, 1, 'new'); update children set word = 'changed' where id = 2;
    delete from children where id = 3; delete from children where id = 20;
    insert into children values (20, 2, 'again'); delete from children where id = 5; update parents set id = 50 where id = 5`);
  await follow();
  expect(stream.status().groups[0]).toMatchObject({ applied: 0, parked: 0, left: 8 });
  expect(await stream.acknowledged('1:1:', 1_000)).toBe('no-copy');
  expect(await here('select key from banyan.applied')).toEqual([]);
  await copied();
});

test('a row that is there from an earlier copy, one with a version and one that waits are not left', async () => {
  await here(
    `insert into owners (owner_id, label, home) values (1, 'P1', 0), (8, 'P8', 0); insert into parts values (1, 1, 'stale'), (8, 8, 'stale')`,
  );
  // Before the runs are open: its parent is not there, so it waits; and a delete leaves a tombstone.
  await pair.monolith.query(
    `update children set word = 'waits' where id = 2; delete from children where id = 3`,
  );
  await follow();
  expect(stream.status().groups[0]).toMatchObject({ applied: 1, parked: 1, left: 0 });
  await openBackfill({ plan: pair.plan, to: 'service' });
  await pair.monolith
    .query(`update children set word = 'newer' where id in (1, 2); delete from children where id = 8;
    insert into children values (3, 3, 'back'); update children set word = 'left' where id = 9`);
  await pair.settled(stream);
  expect(stream.status().groups[0]).toMatchObject({ left: 1 });
  expect(await here('select part_id, word from parts order by 1')).toEqual([{ part_id: '1', word: 'newer' }]);
  await copied();
});

test('from its first chunk on a dataset is followed, the ones after it are not', async () => {
  await openBackfill({ plan: pair.plan, to: 'service' });
  await here(`insert into banyan.backfill_chunks (run_id, chunk, upper_key, state)
    select run_id, 1, '{1}', 'planned' from banyan.backfill_runs join banyan.datasets using (dataset_id)
    where name = 'owners' and state = 'open'`);
  await pair.monolith.query(
    `insert into parents (id, name) values (40, 'p40'); insert into children values (40, 40, 'w')`,
  );
  await follow();
  expect(stream.status().groups[0]).toMatchObject({ applied: 1, left: 1 });
  await copied();
});
