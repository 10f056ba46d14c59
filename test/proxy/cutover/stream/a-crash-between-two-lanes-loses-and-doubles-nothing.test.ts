import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { bothSides, type Pair } from './support/pair.ts';
import { createSmallPair, datasetOf } from './support/small-pair.ts';

let pair: Pair;
let holder: Client;
beforeAll(async () => {
  pair = await createSmallPair(256);
  holder = new Client({ connectionString: pair.service.url });
  await holder.connect();
  // One lane of the page stops at this row until the holder lets it go.
  await pair.service.query(`create function wait_here() returns trigger language plpgsql as
      'begin perform pg_advisory_xact_lock_shared(77); return new; end';
    create trigger wait_here before insert or update on owners for each row when (new.owner_id = 17) execute function wait_here()`);
});
afterAll(async () => {
  await holder.end();
  await pair.drop();
});

const count = async () => (await pair.service.query('select from owners')).length;
const position = async () =>
  pair.service.query('select snapshot::text, window_to::text, last_seq from banyan.positions');

test('what some lanes have committed comes again with the rest, and is applied once', async () => {
  const stream = await pair.start({ lanes: 4, times: { firstBackoff: 5, longestBackoff: 20 } });
  await pair.monolith.query(`insert into parents select n, 'p' || n from generate_series(101, 110) n`);
  await pair.settled(stream);
  for (const change of [
    `insert into parents select n, 'q' || n from generate_series(1, 60) n`,
    `update parents set size = id; delete from parents where id % 5 = 0`,
  ]) {
    await holder.query('select pg_advisory_lock(77)');
    const before = {
      position: await position(),
      applied: (await pair.service.query(`select from banyan.applied where seq > ${await lastSeq()}`)).length,
    };
    expect(before.applied).toBe(0);
    const from = await lastSeq();
    await pair.monolith.query(change);
    const newer = async () =>
      (await pair.service.query(`select from banyan.applied where seq > ${from}`)).length;
    const waits = async () =>
      pair.service.query<{
        pid: number;
      }>(`select pid from pg_locks where locktype = 'advisory' and not granted and objid = 77
        and database = (select oid from pg_database where datname = current_database())`);
    // Some lanes have committed, and one stands in the middle.
    while ((await waits()).length === 0 || (await newer()) === 0)
      await new Promise((next) => setTimeout(next, 5));
    expect(await position()).toEqual(before.position);
    await pair.service.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and application_name like 'banyan stream%'`,
    );
    await holder.query('select pg_advisory_unlock(77)');
    await pair.settled(stream);
    const { owner, follower } = await bothSides(pair, datasetOf(pair, 'owners'));
    expect(follower).toEqual(owner);
    expect(await count()).toBe(owner.length);
    expect(stream.status()).toMatchObject({ parked: 0 });
  }
});

async function lastSeq(): Promise<string> {
  const [row] = await pair.monolith.query<{ last: string }>(
    'select last_value::text as last from banyan.seq',
  );
  return row?.last ?? '0';
}
