import { afterEach, expect, test } from '@jest/globals';
import { itemsWorld, type ItemsWorld } from './support/items.ts';
import { rowsOf, startWriters } from './support/writers.ts';

let world: ItemsWorld;
afterEach(() => world.drop());

test('one bucket moves there and back five times under writers: nothing is lost, both sides are equal', async () => {
  world = await itemsWorld({ rows: 20 });
  const ids = [0, 1, 2, 3].map((writer) => Array.from({ length: 5 }, (_, at) => String(writer * 5 + at + 1)));
  const writers = await startWriters({ databases: world.databases, ids });
  for (let round = 0; round < 5; round += 1) {
    for (const to of ['service', 'monolith'] as const) {
      const report = await world.move(to);
      expect(report.outcomes).toEqual([{ bucket: 0, end: 'moved', reason: '', pauseMs: expect.any(Number) }]);
      expect(await world.state(to)).toMatch(/^owner/);
    }
  }
  await writers.stop();

  expect(writers.counts().refused).toBeGreaterThan(0);
  expect(await world.equal()).toEqual(rowsOf(writers));
  expect(await world.state('monolith')).toBe('owner 11');
  expect(await world.state('service')).toBe('fenced 11');
}, 60_000);

test('all 256 buckets move bucket by bucket and back, while others stay', async () => {
  world = await itemsWorld({ buckets: 256, rows: 200 });
  const ids = [0, 1, 2, 3].map((writer) =>
    Array.from({ length: 50 }, (_, at) => String(writer * 50 + at + 1)),
  );
  const writers = await startWriters({ databases: world.databases, ids });
  const canary = await world.move('service', { buckets: [3, 17, 255] });
  expect(canary.outcomes.map(({ end }) => end)).toEqual(['moved', 'moved', 'moved']);
  expect(await world.state('service', 17)).toBe('owner 2');
  expect(await world.state('service', 18)).toBe('follower 1');
  expect((await world.move('service')).pause.count).toBe(253);
  expect((await world.move('monolith')).pause.count).toBe(256);
  await writers.stop();

  expect(await world.equal()).toEqual(rowsOf(writers));
}, 90_000);
