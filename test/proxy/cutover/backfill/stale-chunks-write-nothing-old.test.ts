import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { noteApplied, run } from '../support/bulk-fixture.ts';
import { openChunk } from '../support/chunk-by-hand.ts';
import { createItemsPair, type ItemsPair } from '../support/items-pair.ts';

let pair: ItemsPair;
let chunk: Awaited<ReturnType<typeof openChunk>>;

beforeEach(async () => {
  pair = await createItemsPair({ ddl: 'id int primary key, text text', columns: ['id', 'text'] });
  await run(pair.monolith, `insert into items select i, 'old' from generate_series(1, 5) i`);
  chunk = await openChunk(pair.plan, 'service');
});

afterEach(async () => {
  await chunk.end();
  await pair.drop();
});

const ways = [['straight'], ['staged']] as const;
const here = () => run(pair.service, 'select id, text from items order by id');

test.each(ways)('a row that was deleted after the chunk was read does not come back (%s)', async (way) => {
  const result = await chunk.copy(way, async () => {
    await run(pair.monolith, 'delete from items where id = 3');
    await noteApplied(pair.service, { dataset: 'items', key: '{3}', deleted: true });
  });
  expect(result).toMatchObject({ read: 5, written: 4, way });
  expect((await here()).map(({ id }) => id)).toEqual([1, 2, 4, 5]);
});

test.each(ways)('a row that was deleted and made anew keeps its new image (%s)', async (way) => {
  await chunk.copy(way, async () => {
    await noteApplied(pair.service, {
      dataset: 'items',
      key: '{3}',
      deleted: false,
      sql: `insert into items values (3, 'new')`,
    });
  });
  expect((await here())[2]).toEqual({ id: 3, text: 'new' });
  expect(await here()).toHaveLength(5);
});

test.each(ways)('a row whose commit the chunk did not see is left to the stream (%s)', async (way) => {
  // An insert that is still open when the chunk is read: captured, committed later, applied before the chunk is written.
  await chunk.copy(way, async () => {
    await run(pair.monolith, `insert into items values (6, 'late')`);
    await noteApplied(pair.service, {
      dataset: 'items',
      key: '{6}',
      deleted: false,
      sql: `insert into items values (6, 'late')`,
    });
  });
  expect(await here()).toHaveLength(6);
});

test.each(ways)('a worker that wakes up after its run was closed writes nothing (%s)', async (way) => {
  await expect(chunk.copy(way, () => chunk.close())).rejects.toMatchObject({ code: 'run-closed' });
  expect(await here()).toEqual([]);
});

test.each(ways)(
  'a worker that wakes up after this side became the owner writes nothing (%s)',
  async (way) => {
    const woken = chunk.copy(
      way,
      async () => void (await run(pair.service, `update banyan.buckets set state = 'owner'`)),
    );
    await expect(woken).rejects.toMatchObject({ code: 'owned-here' });
    expect(await here()).toEqual([]);
  },
);

test('a chunk is written once, however many workers have it', async () => {
  const [first, second] = await Promise.all([chunk.copy('straight'), chunk.copy('straight')]);
  expect(first.written + second.written).toBe(5);
  expect([first.way, second.way].filter((way) => way === undefined)).toHaveLength(1);
});

test('a row that is there already stays as it is', async () => {
  await run(pair.service, `insert into items values (2, 'mine')`);
  expect(await chunk.copy('straight')).toMatchObject({ read: 5, written: 4, parked: 0, way: 'staged' });
  expect((await here())[1]).toEqual({ id: 2, text: 'mine' });
});
