import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { itemsWorld, session, type ItemsWorld } from './support/items.ts';

let world: ItemsWorld;
beforeAll(async () => {
  world = await itemsWorld({ buckets: 256, rows: 1_000 });
});
afterAll(() => world.drop());

const batchRows = async (value: string): Promise<number> =>
  [...(await world.equal()).values()].filter((found) => found === value).length;

test('one that holds the bucket is waited for, and all of its rows come along', async () => {
  const [id = ''] = await world.idsIn(3, 1);
  const job = await session(world.databases.monolith);
  await job.query('begin');
  expect((await job.query(`update items set value = 'held' where id <= 1000`)).rowCount).toBe(1_000);
  const moving = world.move('service', { buckets: [3] });
  // The move asks for the bucket again and again, and each time gives way.
  await new Promise((resolve) => setTimeout(resolve, 250));
  expect(await world.state('monolith', 3)).toBe('owner 1');
  await job.query('commit');
  expect((await moving).outcomes).toMatchObject([{ bucket: 3, end: 'moved' }]);
  expect(await world.databases.service.query('select value from items where id = $1', [id])).toEqual([
    { value: 'held' },
  ]);
  await job.end();
  await world.move('monolith', { buckets: [3] });
  expect(await batchRows('held')).toBe(1_000);
});

test('one that meets a bucket that has moved fails as a whole, also for rows that it wrote before', async () => {
  const job = await session(world.databases.monolith);
  await world.move('service', { buckets: [5] });
  await job.query('begin');
  const batch = job.query(`update items set value = 'late' where id <= 1000`);
  await expect(batch).rejects.toMatchObject({ code: 'BY001' });
  await job.query('commit');
  await job.end();
  expect(await batchRows('late')).toBe(0);
  await world.move('monolith', { buckets: [5] });
});

test('one of several statements, with a move in between, leaves nothing of the first', async () => {
  const ids = await world.idsIn(9, 3);
  const others = await world.idsIn(10, 3);
  const put = `insert into items select unnest($1::bigint[]), 'two' on conflict (id) do update set value = 'two'`;
  const job = await session(world.databases.monolith);
  await job.query('begin');
  await job.query(put, [others]);
  // It holds bucket 10 alone: bucket 9 goes.
  expect((await world.move('service', { buckets: [9] })).outcomes).toMatchObject([{ end: 'moved' }]);
  await expect(job.query(put, [ids])).rejects.toMatchObject({ code: 'BY001' });
  await job.query('commit');
  await job.end();
  expect(await batchRows('two')).toBe(0);
});
