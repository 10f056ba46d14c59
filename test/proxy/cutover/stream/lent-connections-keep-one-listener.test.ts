import { afterEach, expect, jest, test } from '@jest/globals';
import type { EventEmitter } from 'node:events';
import { Pool } from 'pg';
import type { Pair } from './support/pair.ts';
import { createSmallPair } from './support/small-pair.ts';

let pair: Pair;

afterEach(() => pair.drop());

test('lanes that take the same connection again and again do not pile up listeners', async () => {
  pair = await createSmallPair(256);
  const connect = jest.spyOn(Pool.prototype, 'connect');
  const stream = await pair.start();
  for (let round = 0; round < 10; round += 1) {
    await pair.monolith.query(
      `insert into parents (id, name) select n, n::text from generate_series(${round * 40}, ${round * 40 + 39}) n`,
    );
    await pair.settled(stream);
  }
  const lent = new Set<EventEmitter>();
  for (const { value } of connect.mock.results) {
    // With a callback, as `pool.query` calls it, it gives nothing.
    const client: unknown = await value;
    if (client !== undefined) lent.add(client as EventEmitter);
  }
  connect.mockRestore();
  expect(lent.size).toBeGreaterThan(1);
  // pg's own and ours.
  expect(Math.max(...[...lent].map((client) => client.listenerCount('error')))).toBeLessThan(5);
});
