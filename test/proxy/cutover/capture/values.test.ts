import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { oneTable, type OneTable } from '../support/one-table.ts';

const columns = [
  'id',
  'd',
  'f',
  'r',
  'ts',
  'tz',
  'iv',
  'by',
  'mood',
  'pt',
  'arr',
  'moods',
  'js',
  'big',
  't',
  'c',
];

let world: OneTable;
beforeAll(async () => {
  world = await oneTable({
    sql: `create type mood as enum ('sad', 'so so', 'O''K'); create type point3 as (x float8, label text, at_day date);
      create table items (id int primary key, d date, f float8, r real, ts timestamp, tz timestamptz, iv interval, by bytea,
        mood mood, pt point3, arr numeric(12,3)[], moods mood[], js jsonb, big text, t text, c char(4), unused text)`,
    columns,
    key: ['id'],
  });
  await world.session.query(`insert into items values
    (1, 'infinity', 'NaN', '-infinity', '-infinity', 'infinity', '-1 mon -2 days -03:04:05', '\\x00ff5c', 'O''K',
      row(0.1, 'a"b,(c)\\', '2020-02-03'), '{1.5,null,NaN}', '{sad,"so so"}', '{"b":1,"a":[1.10,null]}',
      (select string_agg(md5(i::text), '') from generate_series(1, 2000) i), '', 'ab'),
    (2, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null),
    (3, '0044-03-15 BC', 0.1::float8 + 0.2, 1e-30, '2024-02-29 23:59:59.999999', '1883-11-18 12:00:00+05:53:28', '1 year',
      '', 'sad', row(null, '', null), '{}', '{}', 'null', '', 'NULL', '')`);
});
afterAll(() => world.drop());

test.each([
  ['as the server is set', ''],
  [
    'under settings that write other texts',
    `set DateStyle = 'SQL, DMY'; set IntervalStyle = sql_standard; set extra_float_digits = -10; set bytea_output = escape; set TimeZone = 'Asia/Kolkata'`,
  ],
])('%s, an image holds every value exactly', async (_, settings) => {
  await world.session.query('truncate banyan.outbox_0, banyan.outbox_1, banyan.outbox_2, banyan.outbox_3');
  await world.session.query(`begin; ${settings}`);
  await world.session.query(`update items set unused = 'x'`);
  const style = await world.session.query('show DateStyle');
  expect(style.rows[0].DateStyle).toBe(settings === '' ? 'ISO, MDY' : 'SQL, DMY');
  await world.session.query('commit');
  const kept = await world.session.query('show DateStyle');
  expect(kept.rows[0].DateStyle).toBe(settings === '' ? 'ISO, MDY' : 'SQL, DMY');
  await world.session.query('discard all');
  // Compared as records, byte by byte, by the database itself.
  const [same] = await world.database.query<{ same: number; different: number }>(
    `select (count(*) filter (where row(${columns.map((c) => `i.${c}`).join(',')})::banyan.image_1 *= o.image::banyan.image_1))::int as same,
       count(*)::int as different
     from banyan.outbox o join items i on i.id = (o.image::banyan.image_1).id`,
  );
  expect(same).toEqual({ same: 3, different: 3 });
});
