import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openSide } from '#proxy/cutover/database.ts';
import type { Change } from '#proxy/cutover/stream/change.types.ts';
import { openDirectTransport } from '#proxy/cutover/stream/direct-transport.ts';
import { retryParked } from '#proxy/cutover/stream/retry-parked.ts';
import { targetGroup, type TargetGroup } from '#proxy/cutover/stream/target-group.ts';
import { trimApplied } from '#proxy/cutover/stream/trim-applied.ts';
import type { Pair } from './support/pair.ts';
import { createSmallPair } from './support/small-pair.ts';

let pair: Pair;
let pool: ReturnType<typeof openSide>;
let target: TargetGroup;

beforeEach(async () => {
  pair = await createSmallPair(256);
  pool = openSide(pair.plan, 'service', { part: 'test', max: 12 });
  const [group] = pair.plan.groups;
  if (group === undefined) throw new Error('no group');
  target = await targetGroup({ pool, group, from: 'monolith' });
});

afterEach(async () => {
  await pool.end();
  await pair.drop();
});

const change = (seq: number, id: number, more: Partial<Change> = {}): Change => ({
  seq: String(seq),
  epoch: '1',
  bucket: id,
  dataset: 'owners',
  deleted: false,
  key: `{${id}}`,
  values: `{${id},S${seq},1,NULL,0}`,
  ...more,
});
const pageOf = (changes: Change[], xmax: number) => ({
  group: 'all',
  changes,
  unmapped: [],
  markers: [],
  next: { snapshot: `${xmax}:${xmax}:`, window: undefined, takenAt: 0 },
  youngerThan: 0,
});

/** As after a day in which no process stood still: all that was applied is forgotten. */
async function forget(): Promise<void> {
  await pool.query('update banyan.applied set minute = minute - 10000');
  await trimApplied({ pool });
  expect((await pool.query('select from banyan.applied')).rowCount).toBe(0);
}

const labels = async () =>
  (await pair.service.query<{ label: string }>('select label from owners order by 1')).map(
    ({ label }) => label,
  );

test('a relay that slept with a page in hand is refused when it wakes up, in one lane and in several', async () => {
  for (const lanes of [1, 4]) {
    await pool.query('delete from banyan.positions; delete from banyan.applied');
    const sleeper = await openDirectTransport({ pool, target, lanes });
    await sleeper.position(1);
    // Its session dies, and with it its lead, but not the process.
    await pair.service.query(`select pg_terminate_backend(pid) from pg_locks
      where database = (select oid from pg_database where datname = current_database())
      and locktype = 'advisory' and granted and pid <> pg_backend_pid() and classid::bigint = 1650552435`);
    const heir = await openDirectTransport({ pool, target, lanes });
    await heir.position(1);
    const old = [1, 2, 3, 4, 5, 6].map((id) => change(id, id));
    await heir.carry(pageOf(old, 10));
    await heir.carry(
      pageOf(
        [11, 12, 13, 14, 15, 16].map((seq) =>
          change(seq, seq - 10, { deleted: true, values: `{${seq - 10},NULL,NULL,NULL,NULL}` }),
        ),
        20,
      ),
    );
    expect(await labels()).toEqual([]);
    await heir.close();
    await forget();
    await expect(sleeper.carry(pageOf(old, 10))).rejects.toThrow();
    expect(await labels()).toEqual([]);
    await sleeper.close();
  }
});

test('a parked change that was overtaken meanwhile is not brought back from memory', async () => {
  const transport = await openDirectTransport({ pool, target, lanes: 1 });
  await transport.position(1);
  await pair.service.query('alter table owners add constraint small check (size < 100) not valid');
  await transport.carry(pageOf([change(1, 1, { values: '{1,old,500,NULL,0}' })], 10));
  await pair.service.query('alter table owners drop constraint small');

  // A retry that has read the row and waits for a bucket, while the next version comes and is forgotten.
  const slow = await pool.connect();
  const locker = await pool.connect();
  await locker.query('begin; select pg_advisory_xact_lock(1650552441, 256 + 1)');
  const retried = retryParked(slow, target, 'all');
  for (let waits = 0; waits === 0;) {
    const { rows } = await pool.query<{ n: number }>(
      `select count(*)::int4 as n from pg_locks where locktype = 'advisory' and not granted
         and database = (select oid from pg_database where datname = current_database())`,
    );
    waits = rows[0]?.n ?? 0;
  }
  await locker.query('delete from banyan.parked; commit');
  await retried;
  expect(await labels()).toEqual([]);
  locker.release();
  slow.release();
  await transport.close();
});
