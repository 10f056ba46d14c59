import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Stream } from '#proxy/cutover/stream/start-stream.ts';
import { bothSides, createPair, type Pair } from './support/pair.ts';
import { datasetOf } from './support/small-pair.ts';

let pair: Pair;
let stream: Stream;
const columns = ['id', 'n', 'f', 'j', 'tags', 'grid', 'm', 'c', 'v', 'b', 't', 'tz', 'i', 'big', 'e', 'u'];
const table = (name: string, own: string) => `create type mood as enum ('calm', 'so so', 'it''s "bad"');
  create table ${name} (id text, n numeric, f float8, j jsonb, tags text[], grid int[][], m mood, c char(5), v varchar(4),
    b bytea, t timestamp, tz timestamptz, i interval, big text, e mood[], u uuid, ${own}, primary key (id, c))`;

beforeAll(async () => {
  pair = await createPair({
    monolith: table('things', 'twice text generated always as (v || v) stored'),
    service: table('objects', 'other int default 7'),
    groups: {
      things: {
        buckets: 256,
        datasets: {
          things: {
            monolith: { table: 'things', key: ['id', 'c'], partitionKey: ['id'] },
            service: { table: 'objects', key: ['id', 'c'], partitionKey: ['id'] },
            columns: columns.map((name) => ({ monolith: name, service: name })),
          },
        },
      },
    },
  });
  stream = await pair.start();
});

afterAll(() => pair.drop());

async function expectEqual(): Promise<string[]> {
  await pair.settled(stream);
  expect(await pair.service.query('select key, sqlstate, reason from banyan.parked')).toEqual([]);
  const { owner, follower } = await bothSides(pair, datasetOf(pair, 'things'));
  expect(follower).toEqual(owner);
  return follower;
}

test('NaN, infinity, scale, jsonb, arrays, enums, blanks, bytes, time zones, NULL against empty', async () => {
  await pair.monolith
    .query(`set timezone = 'Asia/Kathmandu'; set datestyle = 'German'; insert into things values
    ('a', 'NaN', 'NaN', '{"b": 1, "a": [1.10, null]}', '{a,NULL,"","x,y","q\\"\\\\"}', '{{1,2},{3,4}}', 'it''s "bad"',
     'ab', 'vé', '\\xdeadbeef00', 'infinity', '-infinity', '1 mon -3 days 04:05:06.789', null, '{calm,"so so"}',
     'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'),
    ('', 1.500, '-Infinity', 'null', '{}', '{}', null, '', '', '', '2024-02-29 12:00:00.123456',
     '2024-07-01 12:00', null, '', null, null),
    (E'tab\\t, "quote" {brace} \\\\ new\\nline', 1e-20, 5e-324, '"x"', null, null, 'calm', 'zz', null, null,
     '0001-01-01 BC', '1900-01-01 00:00+05:53:28', '-1 year', repeat('ä€', 3), null, null)`);
  expect(await expectEqual()).toHaveLength(3);
});

test('an update that leaves a large value alone keeps it', async () => {
  await pair.monolith.query(`insert into things (id, c, big) select 'large', '', string_agg(md5(n::text), '')
    from generate_series(1, 400) n`);
  await expectEqual();
  await pair.monolith.query(`update things set n = 2 where id = 'large'`);
  await expectEqual();
});

test('a key of several columns with blanks is one key, and its row goes', async () => {
  await pair.monolith.query(`insert into things (id, c, n) values ('key', 'k', 1), ('key', 'kk', 2)`);
  await expectEqual();
  await pair.monolith.query(`delete from things where id = 'key' and c = 'k'`);
  await expectEqual();
});

test('a column that is added on one side in the middle changes nothing, and a right that is missing is told, not parked', async () => {
  await pair.monolith.query('alter table things add column later int default 1');
  await pair.service.query('alter table objects add column mine int default 2');
  await pair.monolith.query(`insert into things (id, c, later) values ('later', '', 5)`);
  await expectEqual();
  const applier = new URL(pair.plan.databases.service.url).username;
  await pair.service.query(`revoke insert (id) on objects from ${applier}`);
  await pair.monolith.query(`insert into things (id, c, f) values ('meanwhile', '', 5)`);
  for (let failing = false; !failing; failing = stream.status().groups[0]?.failure?.code === 'target-refuses')
    await new Promise((next) => setTimeout(next, 10));
  await pair.service.query(`grant insert (id) on objects to ${applier}`);
  await expectEqual();
});
