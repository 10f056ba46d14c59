import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Client } from 'pg';
import type { Stream } from '#proxy/cutover/stream/start-stream.ts';
import { bothSides, type Pair } from './support/pair.ts';
import { createSmallPair, datasetOf } from './support/small-pair.ts';

let pair: Pair;

beforeEach(async () => {
  pair = await createSmallPair();
});

afterEach(() => pair.drop());

async function expectEqual(stream: Stream): Promise<void> {
  await pair.settled(stream);
  const { owner, follower } = await bothSides(pair, datasetOf(pair, 'owners'));
  expect(follower).toEqual(owner);
}

async function connected(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  await client.connect();
  return client;
}

test('a commit that becomes visible late is not skipped, and holds up none of the others', async () => {
  const stream = await pair.start();
  const slow = await connected(pair.monolith.url);
  const unrelated = await connected(pair.monolith.url);
  await unrelated.query('begin; select pg_current_xact_id()');
  await slow.query(`begin; insert into parents values (1, 'late')`);
  for (let id = 2; id < 30; id += 1) {
    await pair.monolith.query(`insert into parents values (${id}, 'p${id}')`);
    if (id % 9 === 0) await pair.settled(stream);
  }
  await pair.settled(stream);
  const count = async () =>
    (await pair.service.query<{ n: number }>('select count(*)::int as n from owners'))[0]?.n;
  expect(await count()).toBe(28);
  await slow.query('commit');
  await expectEqual(stream);
  expect(await count()).toBe(29);
  await Promise.all([slow.end(), unrelated.end()]);
});

test('one transaction of many rows goes in pages, and goes on in the middle after a restart', async () => {
  await pair.monolith.query(`insert into parents select n, 'p' || n from generate_series(1, 5000) n`);
  await pair.monolith.query('update parents set size = id % 100');
  const first = await pair.start({ page: { rows: 300 } });
  for (let done = 0; done < 1_200; done = first.status().applied)
    await new Promise((next) => setTimeout(next, 5));
  await first.stop();
  const [position] = await pair.service.query<{ window_to: string | null }>(
    'select window_to::text from banyan.positions',
  );
  expect(position?.window_to).toMatch(/^\d+:\d+:/);
  const second = await pair.start({ page: { rows: 300, bytes: 5_000 } });
  await expectEqual(second);
  expect(first.status().applied + second.status().applied).toBe(10_000);
});

test('of two streams one carries, and the other takes over when its connections are cut', async () => {
  const streams = [await pair.start(), await pair.start({ times: { nextLead: 50 } })];
  await pair.monolith.query(`insert into parents select n, 'p' || n from generate_series(1, 100) n`);
  await Promise.race(streams.map((stream) => pair.settled(stream)));
  await streams[0]?.stop();
  await pair.monolith.query('update parents set size = 1');
  const [, second] = streams;
  if (second !== undefined) await expectEqual(second);
  expect(streams.map((stream) => stream.status().groups[0]?.failure)).toEqual([undefined, undefined]);
});

test('connections that are cut at any step lose and double nothing', async () => {
  const stream = await pair.start({ page: { rows: 50 }, times: { firstBackoff: 5, longestBackoff: 50 } });
  for (let round = 1; round <= 12; round += 1) {
    await pair.monolith.query(`insert into parents select n, 'p' || n from
      generate_series(${round * 100}, ${round * 100 + 99}) n on conflict (id) do update set size = 5`);
    await pair.monolith.query(`update parents set note = 'r${round}' where id % 3 = ${round % 3}`);
    await pair.monolith.query(`delete from parents where id % 11 = ${round % 11}`);
    await (round % 2 === 0 ? pair.monolith : pair.service).query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and application_name like 'banyan stream%'`,
    );
  }
  await expectEqual(stream);
});

test('a copy that comes again, whole and out of order, changes nothing', async () => {
  const first = await pair.start();
  await pair.monolith.query(`insert into parents select n, 'p' || n from generate_series(1, 200) n`);
  await pair.settled(first);
  await pair.monolith.query('delete from parents where id % 2 = 0');
  await pair.monolith.query(`update parents set note = 'last'`);
  await pair.settled(first);
  await first.stop();
  await pair.service.query(`update banyan.positions set snapshot = '1:1:', window_to = null, last_seq = 0`);
  const again = await pair.start({ page: { rows: 60 } });
  await expectEqual(again);
  expect(again.status().applied).toBe(0);
});
