import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Pair } from './support/pair.ts';
import { createSmallPair } from './support/small-pair.ts';

let pair: Pair;

beforeAll(async () => {
  pair = await createSmallPair();
});
afterAll(() => pair.drop());

test('a page that half of its rows are refused in arrives, each of those parked with its reason', async () => {
  await pair.service.query('alter table owners add constraint small check (size < 100) not valid');
  await pair.monolith.query(`insert into parents select n, 'p' || n, case when n % 2 = 0 then 500 else 1 end
    from generate_series(1, 400) n; insert into children select n, n from generate_series(1, 400) n`);
  await pair.monolith.query(
    `update parents set note = 'v2' where id % 3 = 0; delete from children where id % 8 = 0`,
  );
  const stream = await pair.start();
  await pair.settled(stream);
  const parked = await pair.service.query(
    `select d.name, p.sqlstate, p.deleted, count(*)::int as n from banyan.parked p join banyan.datasets d using (dataset_id)
     group by 1, 2, 3 order by 1`,
  );
  expect(parked).toEqual([
    { name: 'owners', sqlstate: '23514', deleted: false, n: 200 },
    { name: 'parts', sqlstate: '23503', deleted: false, n: 150 },
  ]);
  const [there] = await pair.service
    .query(`select count(*)::int as owners, count(*) filter (where note = 'v2')::int as v2,
    (select count(*)::int from parts) as parts from owners`);
  expect(there).toEqual({ owners: 200, v2: 67, parts: 200 });
  const [statements] = await pair.service.query<{ calls: number }>(
    `select count(*)::int as calls from pg_proc where proname = 'banyan_try_each'`,
  );
  expect(statements?.calls).toBeGreaterThan(0);
});
