import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { bothSides } from '#proxy/cutover/plan.ts';
import { uninstall } from '#proxy/cutover/install/uninstall.ts';
import { itemsWorld, type ItemsWorld } from './support/items.ts';

let world: ItemsWorld;
beforeAll(async () => {
  world = await itemsWorld({ buckets: 256, rows: 30 });
});
afterAll(() => world.drop());

test('each side draws every second id, beyond those that were there', async () => {
  const drawn = await Promise.all(
    bothSides.map((side) =>
      world.databases[side].query<{ id: string }>(
        `select nextval('items_id_seq')::text as id from generate_series(1, 200)`,
      ),
    ),
  );
  const [odd = [], even = []] = drawn.map((rows) => rows.map(({ id }) => Number(id)));
  expect(odd.every((id) => id % 2 === 1 && id > 30)).toBe(true);
  expect(even.every((id) => id % 2 === 0)).toBe(true);
});

test('the new owner draws beyond every id of the old one', async () => {
  await world.databases.monolith.query(`select setval('items_id_seq', 1000001)`);
  await world.move('service', { buckets: [0] });
  const [next] = await world.databases.service.query<{ id: string }>(
    `select nextval('items_id_seq')::text as id`,
  );
  expect(Number(next?.id)).toBeGreaterThan(1_000_001);
});

test('next_id falls into a bucket that this side owns, on both sides at once, and inserts pass the gates', async () => {
  await world.move('service', { buckets: [0, 1, 2, 3, 4, 5, 6, 7] });
  const insert = `insert into items select banyan.next_id('things', 'items_id_seq'), 'new' from generate_series(1, 40) returning id`;
  const made = await Promise.all(
    bothSides.map((side) => world.databases[side].query<{ id: string }>(insert)),
  );
  const ids = made.flat().map(({ id }) => id);
  expect(new Set(ids).size).toBe(80);
  const rows = await world.equal();
  expect(ids.every((id) => rows.has(id))).toBe(true);
});

test('next_id where nothing is owned says who to turn to', async () => {
  await world.move('monolith');
  await expect(
    world.databases.service.query(`select banyan.next_id('things', 'items_id_seq')`),
  ).rejects.toMatchObject({ code: 'BY001' });
});

test('an uninstallation lets every id be drawn again', async () => {
  await world.unfollow();
  await uninstall(world.plan, 'monolith');
  const [found] = await world.databases.monolith.query<{ step: number }>(
    `select increment_by::int as step from pg_sequences where sequencename = 'items_id_seq'`,
  );
  expect(found).toEqual({ step: 1 });
});
