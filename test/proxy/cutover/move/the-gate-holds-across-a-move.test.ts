import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { itemsWorld, session, type ItemsWorld } from './support/items.ts';

let world: ItemsWorld;
beforeAll(async () => {
  world = await itemsWorld({ buckets: 256, rows: 50 });
});
afterAll(() => world.drop());

test('SQL from a console or a batch job on the old owner is refused, with the owner and the epoch', async () => {
  const [id] = await world.idsIn(5, 1);
  await world.move('service', { buckets: [5] });
  await expect(
    world.databases.monolith.query(
      `insert into items values (${id}, 'x') on conflict (id) do update set value = 'x'`,
    ),
  ).rejects.toMatchObject({ code: 'BY001', detail: expect.stringContaining('bucket=5 state=fenced') });
  await world.move('monolith', { buckets: [5] });
  await expect(
    world.databases.service.query(
      `insert into items values (${id}, 'x') on conflict (id) do update set value = 'x'`,
    ),
  ).rejects.toMatchObject({ code: 'BY001' });
});

test.each(['repeatable read', 'serializable'])(
  '%s across a fence: 40001 or BY001, never a write',
  async (level) => {
    const [id] = await world.idsIn(6, 1);
    const writer = await session(world.databases.monolith);
    await writer.query(`begin isolation level ${level}`);
    await writer.query('select count(*) from items');
    await world.move('service', { buckets: [6] });
    await expect(
      writer.query(`insert into items values (${id}, 'late') on conflict (id) do update set value = 'late'`),
    ).rejects.toMatchObject({ code: expect.stringMatching(/^(40001|BY001)$/) });
    await writer.end();
    await world.move('monolith', { buckets: [6] });
    expect((await world.equal()).get(id ?? '')).not.toBe('late');
  },
);

test('a transaction over two buckets with different owners is refused on either side, as a whole', async () => {
  const [[here], [there]] = [await world.idsIn(7, 1), await world.idsIn(8, 1)];
  await world.move('service', { buckets: [8] });
  for (const side of ['monolith', 'service'] as const) {
    const writer = await session(world.databases[side]);
    await expect(
      writer.query(`insert into items values (${here}, 'both'), (${there}, 'both')
        on conflict (id) do update set value = 'both'`),
    ).rejects.toMatchObject({ code: 'BY001' });
    await writer.end();
  }
  await world.move('monolith', { buckets: [8] });
  expect([...(await world.equal()).values()]).not.toContain('both');
});

test('a writer of several buckets in the opposite sequence is never the one that gives way', async () => {
  const ids = await Promise.all([20, 21, 22].map(async (bucket) => (await world.idsIn(bucket, 1))[0]));
  const writer = await session(world.databases.monolith);
  let refused = 0;
  const stopping = new AbortController();
  const writing = (async () => {
    while (!stopping.signal.aborted) {
      try {
        await writer.query('begin');
        for (const id of ids.toReversed())
          await writer.query(
            `insert into items values (${id}, 'm') on conflict (id) do update set value = items.value || 'm'`,
          );
        await writer.query('commit');
      } catch (error) {
        expect(error).toMatchObject({ code: 'BY001' });
        refused += 1;
        await writer.query('rollback');
      }
    }
  })();
  for (let round = 0; round < 5; round += 1) {
    const buckets = [20, 21, 22];
    expect((await world.move('service', { buckets })).pause.count).toBe(3);
    expect((await world.move('monolith', { buckets })).pause.count).toBe(3);
  }
  stopping.abort();
  await writing;
  await writer.end();
  expect(refused).toBeGreaterThan(0);
  const rows = await world.equal();
  expect(new Set(ids.map((id) => rows.get(id ?? '')?.replaceAll(/[^m]/g, ''))).size).toBe(1);
});

test('a zombie applier after a move there and back changes nothing', async () => {
  const [id] = await world.idsIn(30, 1);
  const put = (value: string) =>
    `insert into items values (${id}, '${value}') on conflict (id) do update set value = '${value}'`;
  await world.databases.monolith.query(put('old'));
  await world.equal();
  await world.unfollow();
  const [kept] = await world.databases.service.query<{ snapshot: string }>(
    `select snapshot::text as snapshot from banyan.positions`,
  );
  await world.databases.monolith.query(put('older than the move'));
  await world.follow();
  await world.move('service', { buckets: [30] });
  await world.databases.service.query(put('written by the new owner'));
  await world.unfollow();
  // It wakes up at the position from before, and applies all of it again.
  await world.databases.service.query(`update banyan.positions set snapshot = '${kept?.snapshot}'`);
  await world.follow();
  expect((await world.equal()).get(id ?? '')).toBe('written by the new owner');
  await world.move('monolith', { buckets: [30] });
  await world.unfollow();
  await world.databases.service.query(`update banyan.positions set snapshot = '${kept?.snapshot}'`);
  await world.follow();
  await world.databases.monolith.query(put('last'));
  expect((await world.equal()).get(id ?? '')).toBe('last');
});
