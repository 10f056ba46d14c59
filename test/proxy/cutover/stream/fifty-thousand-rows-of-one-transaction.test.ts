import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Pair } from './support/pair.ts';
import { createSmallPair } from './support/small-pair.ts';

let pair: Pair;
beforeAll(async () => {
  pair = await createSmallPair();
});
afterAll(() => pair.drop());

test('they come in pages, all of them, once', async () => {
  const rows = 50_000;
  await pair.monolith.query(`insert into parents select n, 'p' || n from generate_series(1, ${rows}) n`);
  const stream = await pair.start();
  let paged = false;
  while (stream.status().applied < rows && !paged) {
    const [at] = await pair.service.query<{ inside: boolean }>(
      'select window_to is not null and last_seq > 0 as inside from banyan.positions',
    );
    paged = at?.inside === true;
  }
  expect(paged).toBe(true);
  await pair.settled(stream);
  expect(stream.status()).toMatchObject({ applied: rows, parked: 0 });
  const sum = (table: string, id: string) =>
    `select count(*)::int as n, sum(${id})::text as sum from ${table}`;
  expect(await pair.service.query(sum('owners', 'owner_id'))).toEqual(
    await pair.monolith.query(sum('parents', 'id')),
  );
});
