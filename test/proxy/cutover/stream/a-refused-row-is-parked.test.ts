import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openSide } from '#proxy/cutover/database.ts';
import { listParked, retryParkedNow, skipParked } from '#proxy/cutover/stream/parked.ts';
import type { Stream } from '#proxy/cutover/stream/start-stream.ts';
import { bothSides, type Pair } from './support/pair.ts';
import { createSmallPair, datasetOf } from './support/small-pair.ts';

let pair: Pair;
let stream: Stream;
let target: ReturnType<typeof openSide>;
let source: ReturnType<typeof openSide>;

beforeAll(async () => {
  pair = await createSmallPair();
  await pair.service.query(`alter table owners add constraint small check (size < 100)`);
  stream = await pair.start();
  target = openSide(pair.plan, 'service', { part: 'test' });
  source = openSide(pair.plan, 'monolith', { part: 'test' });
});

afterAll(async () => {
  await Promise.all([target.end(), source.end()]);
  await pair.drop();
});

const parkedKeys = async () => (await listParked(target)).map(({ key, sqlstate }) => [key, sqlstate]);

test('it is told with its reason, and all others of its batch arrive', async () => {
  await pair.monolith.query(`insert into parents select n, 'p' || n, case when n = 70 then 500 else n end
    from generate_series(1, 90) n`);
  await pair.settled(stream);
  expect(await listParked(target)).toMatchObject([
    { group: 'all', dataset: 'owners', key: '{70}', sqlstate: '23514', deleted: false },
  ]);
  const [count] = await pair.service.query<{ count: number }>('select count(*)::int from owners');
  expect(count?.count).toBe(89);
});

test('a later version of the row takes its place and clears it', async () => {
  await pair.monolith.query('update parents set size = 300 where id = 70');
  await pair.settled(stream);
  expect(await parkedKeys()).toEqual([['{70}', '23514']]);
  await pair.monolith.query('update parents set size = 3 where id = 70');
  await pair.settled(stream);
  expect(await parkedKeys()).toEqual([]);
  const { owner, follower } = await bothSides(pair, datasetOf(pair, 'owners'));
  expect(follower).toEqual(owner);
});

test('a marker counts only when nothing from before it is parked any more', async () => {
  await pair.monolith.query(`insert into parents values (101, 'too big', 900)`);
  await pair.monolith.query(
    `begin; update banyan.buckets set epoch = 2, fenced_at = 2, state = 'fenced';
     select banyan.put_marker('all', 0, 2); commit`,
  );
  await pair.settled(stream);
  const drained = async () => (await pair.service.query('select drained from banyan.buckets'))[0];
  expect(await drained()).toEqual({ drained: '0' });
  await pair.service.query('alter table owners drop constraint small');
  const done = await retryParkedNow({ plan: pair.plan, from: 'monolith', source, target, ids: 'all' });
  expect(done).toEqual({ done: 1, stillParked: 0 });
  expect(await drained()).toEqual({ drained: '2' });
  await pair.monolith.query(`update banyan.buckets set state = 'owner', epoch = 3`);
});

test('skipping it leaves the row, and a copy of the change that comes again is not parked again', async () => {
  await pair.service.query('alter table owners add constraint short check (length(label) < 12)');
  await pair.monolith.query(`insert into parents values (102, 'much too long a name')`);
  await pair.settled(stream);
  const ids = (await listParked(target)).map(({ id }) => id);
  expect(ids).toHaveLength(1);
  expect(await skipParked(target, ids, pair.plan, 'monolith')).toBe(1);
  await stream.stop();
  await pair.service.query(`update banyan.positions set snapshot = '1:1:', window_to = null, last_seq = 0`);
  stream = await pair.start();
  await pair.settled(stream);
  expect(await parkedKeys()).toEqual([]);
  expect(await pair.service.query('select from owners where owner_id = 102')).toEqual([]);
  await pair.service.query('alter table owners drop constraint short');
});

test('a child whose parent is parked follows as soon as the parent is there', async () => {
  await pair.service.query('alter table owners add constraint small check (size < 100) not valid');
  await pair.monolith.query(
    `begin; insert into parents values (110, 'top', 101); insert into children values (1, 110); commit`,
  );
  await pair.settled(stream);
  expect(await parkedKeys()).toEqual([
    ['{110}', '23514'],
    ['{1}', '23503'],
  ]);
  await pair.service.query('alter table owners drop constraint small');
  const done = await retryParkedNow({ plan: pair.plan, from: 'monolith', source, target, ids: 'all' });
  expect(done).toEqual({ done: 2, stillParked: 0 });
});

test('a row that can’t be mapped is parked too, and mapped anew when it is tried again', async () => {
  await pair.monolith
    .query(`create function public.checked(name text) returns text language plpgsql immutable as
    $$ begin if name = 'bad' then raise exception 'no name'; end if; return pg_catalog.upper(name); end $$`);
  const groups = pair.plan.groups.map((group) => ({
    ...group,
    datasets: group.datasets.map((dataset) => ({
      ...dataset,
      columns: dataset.columns.map((column) =>
        column.monolith === 'name' ? { ...column, toService: 'public.checked(name)' } : column,
      ),
    })),
  }));
  const plan = { ...pair.plan, groups };
  await stream.stop();
  stream = await pair.start({ plan });
  await pair.monolith.query(`insert into parents values (120, 'fine'), (121, 'bad'), (122, 'fine too')`);
  await pair.settled(stream);
  expect(await listParked(target)).toMatchObject([{ key: '{121}', sqlstate: 'P0001', reason: 'no name' }]);
  await pair.monolith
    .query(`create or replace function public.checked(name text) returns text language sql immutable
    as 'select pg_catalog.upper(name)'`);
  await retryParkedNow({ plan, from: 'monolith', source, target, ids: 'all' });
  expect(await parkedKeys()).toEqual([]);
  const { owner, follower } = await bothSides(pair, datasetOf({ ...pair, plan }, 'owners'));
  expect(follower.filter((row) => row.startsWith('{12'))).toEqual(
    owner.filter((row) => row.startsWith('{12')),
  );
});
