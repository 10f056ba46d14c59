import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { bucketSql } from '#proxy/cutover/bucket.ts';
import type { DatasetPlan } from '#proxy/cutover/plan.types.ts';
import { gatedWorld, type World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await gatedWorld('second');
});
afterAll(() => world.drop());

const serials = [`'plain'`, `''`, `'ä ö'`, `'a' || chr(31) || 'b'`, `'O''K "x", {y}'`, `repeat('long', 500)`];

test('a row has the same bucket on both sides and in the outbox, and buckets are spread', async () => {
  const { monolith, service } = world.databases;
  const dataset = world.plan.groups[1]?.datasets[0] as DatasetPlan;
  await monolith.query(
    `insert into loggers (house, serial, touched)
     select 'h', s, now() from (values ${serials.map((s) => `(${s})`).join(', ')}) v(s) where s <> ''
     union all select 'h' || i, i::text, now() from generate_series(1, 600) i`,
  );
  const ours = await monolith.query<{ serial: string; bucket: number }>(
    `select serial, ${bucketSql(dataset, 'monolith', 't')} as bucket from loggers t order by serial collate "C"`,
  );
  const captured = await monolith.query(
    `select (image::banyan.image_2).serial, bucket::int as bucket from banyan.outbox where dataset_id = 2
     order by (image::banyan.image_2).serial collate "C"`,
  );
  expect(captured).toEqual(ours);
  expect(new Set(ours.map(({ bucket }) => bucket)).size).toBeGreaterThan(200);
  const values = await monolith.query<{ all: string }>(
    `select string_agg(format('(%L, %L)', house, serial), ', ') as all from loggers`,
  );
  const theirs = await service.query(
    `select t.serial, ${bucketSql(dataset, 'service', 't')} as bucket
     from (values ${values[0]?.all}) v(a, b),
       lateral (select v.a collate "C" as tenant, v.b collate "C" as serial) t order by t.serial collate "C"`,
  );
  expect(theirs).toEqual(ours);
});

test('of a group of 256, one bucket is refused while the others write', async () => {
  const { monolith } = world.databases;
  const [found] = await monolith.query<{ bucket: number; group_id: number }>(
    `select bucket, group_id from banyan.outbox where (image::banyan.image_2).serial = 'plain'`,
  );
  await monolith.query(
    `update banyan.buckets set state = 'follower', epoch = 43 where group_id = $1 and bucket = $2`,
    [found?.group_id, found?.bucket],
  );
  await expect(monolith.query(`update loggers set model = 'm' where serial = 'plain'`)).rejects.toMatchObject(
    {
      code: 'BY001',
      message: `group devices, bucket ${found?.bucket}: owned by service at epoch 43`,
    },
  );
  const plan = await monolith.query<{ 'QUERY PLAN': string }>(
    'explain select from banyan.buckets where group_id = 2::int2 and bucket = 7::int2',
  );
  expect(plan[0]?.['QUERY PLAN']).toMatch(/Index.* Scan/);
});
