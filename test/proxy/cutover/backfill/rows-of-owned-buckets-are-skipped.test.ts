import { afterEach, expect, test } from '@jest/globals';
import { startBackfill } from '#proxy/cutover/backfill/backfill.ts';
import { run, silent } from '../support/bulk-fixture.ts';
import { createItemsPair, type ItemsPair } from '../support/items-pair.ts';

let pair: ItemsPair;
afterEach(() => pair.drop());

test('of a group of 256 buckets only the rows of buckets that this side does not own are written', async () => {
  pair = await createItemsPair({ ddl: 'id int primary key', columns: ['id'], buckets: 256 });
  await run(pair.monolith, 'insert into items select generate_series(1, 2000)');
  await run(pair.service, `update banyan.buckets set state = 'owner' where bucket < 100`);
  await startBackfill({ plan: pair.plan, to: 'service', log: silent, signal: new AbortController().signal });
  const bucket = `(hashtextextended(id::text collate "C", 0) & 255)`;
  const counts = `select count(*) filter (where ${bucket} < 100)::int as owned, count(*) filter (where ${bucket} >= 100)::int as others from items`;
  const [there] = await run(pair.monolith, counts);
  const [here] = await run(pair.service, counts);
  expect(here).toEqual({ owned: 0, others: there?.['others'] });
});
