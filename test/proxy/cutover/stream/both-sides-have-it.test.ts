import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Pair } from './support/pair.ts';
import { createSmallPair } from './support/small-pair.ts';

let pair: Pair;

beforeAll(async () => {
  pair = await createSmallPair(256);
});

afterEach(() => pair.stopAll());
afterAll(() => pair.drop());

const snapshotOf = async (side: 'monolith' | 'service') =>
  (await pair[side].query<{ s: string }>('select pg_current_snapshot()::text as s'))[0]?.s ?? '';

test('a write is answered when both sides have it, and another process can see that by SQL', async () => {
  const stream = await pair.start();
  await pair.monolith.query(`insert into parents select n, 'p' || n from generate_series(1, 300) n`);
  const written = await snapshotOf('monolith');
  expect(await stream.reached(written)).toBe('reached');
  expect((await pair.service.query('select from owners')).length).toBe(300);
  const sql = async (snapshot: string) =>
    (await pair.service.query<{ r: boolean }>(`select banyan.reached('all', '${snapshot}') as r`))[0]?.r;
  for (let there = false; !there; there = (await sql(written)) === true)
    await new Promise((next) => setTimeout(next, 20));
  expect(await sql('4000000000:4000000000:')).toBe(false);
  expect(stream.status()).toMatchObject({
    applied: 300,
    parked: 0,
    groups: [{ state: 'following', group: 'all' }],
  });
  await stream.stop();
});

test('it degrades after its bound when the other side lags, and when the stream ends', async () => {
  const stream = await pair.start();
  await pair.settled(stream);
  const far = '4000000000:4000000000:';
  expect(await stream.reached(far, { withinMs: 30 })).toBe('degraded');
  const waiting = stream.reached(far, { withinMs: 60_000 });
  await stream.stop();
  expect(await waiting).toBe('degraded');
});

test('the same code carries the other way, while both directions run', async () => {
  const there = await pair.start();
  const back = await pair.start({ from: 'service' });
  await pair.settled(there);
  await pair.monolith.query(`update banyan.buckets set state = 'follower', epoch = 2, fenced_at = 2`);
  await pair.service.query(`update banyan.buckets set state = 'owner', epoch = 2`);
  await pair.service.query(`update owners set label = 'BACK' || owner_id where owner_id < 10`);
  await pair.service.query(`insert into parts values (1, 9, 'new')`);
  await pair.settled(back);
  expect(await pair.monolith.query('select name from parents where id = 9')).toEqual([{ name: 'back9' }]);
  expect(await pair.monolith.query('select word from children')).toEqual([{ word: 'new' }]);
  // What was applied is not captured again, so nothing goes round.
  await pair.settled(there);
  expect(there.status().applied).toBe(0);
});

test('over its limit the copy stops and says so; the app goes on', async () => {
  const stream = await pair.start({ from: 'service', outbox: { bytes: 1 } });
  while (stream.status().groups[0]?.state !== 'stopped') await new Promise((next) => setTimeout(next, 5));
  expect(stream.status().groups[0]?.failure?.code).toBe('over-limit');
  await pair.service.query('insert into owners (owner_id) values (1000)');
  await pair.stopAll();
  // Its writes are not captured any more, so it can't go on where it was.
  const again = await pair.start({ from: 'service' });
  while (again.status().groups[0]?.state !== 'stopped') await new Promise((next) => setTimeout(next, 5));
  await pair.stopAll();
  await pair.service.query(`select banyan.start_capture('all')`);
  const gap = await pair.start({ from: 'service' });
  while (gap.status().groups[0]?.state !== 'stopped') await new Promise((next) => setTimeout(next, 5));
  expect(gap.status().groups[0]?.failure?.code).toBe('capture-gap');
});

test('a source that knows less than was read from it stops the copy', async () => {
  await pair.service.query(
    `update banyan.positions set snapshot = '99999999:99999999:', window_to = null, last_seq = 0`,
  );
  const stream = await pair.start();
  while (stream.status().groups[0]?.state !== 'stopped') await new Promise((next) => setTimeout(next, 5));
  expect(stream.status().groups[0]?.failure?.code).toBe('source-went-back');
});
