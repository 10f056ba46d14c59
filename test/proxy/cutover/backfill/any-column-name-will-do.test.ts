import { afterAll, expect, test } from '@jest/globals';
import { startBackfill } from '#proxy/cutover/backfill/backfill.ts';
import { run, silent } from '../support/bulk-fixture.ts';
import { createItemsPair, type ItemsPair } from '../support/items-pair.ts';

let pair: ItemsPair;
afterAll(() => pair.drop());

test('columns may be called as ours are, also where rows wait to be written', async () => {
  const names = ['n', 'r', 'a', 's', 't', 'c1', 'c2', 'key', 'first'];
  pair = await createItemsPair({
    ddl: `id bigint primary key, ${names.map((name) => `"${name}" text`).join(', ')}`,
    columns: ['id', ...names],
  });
  const values = names.map((name) => `'${name} ' || i`).join(', ');
  await run(pair.monolith, `insert into items select i, ${values} from generate_series(1, 50) i`);
  // A row that is there already keeps the rows from being copied straight into the table.
  await run(pair.service, `insert into items select i, ${values} from generate_series(7, 7) i`);

  const { signal } = new AbortController();
  await startBackfill({ plan: pair.plan, to: 'service', log: silent, signal });

  const rows = 'select * from items order by id';
  expect(await run(pair.service, rows)).toEqual(await run(pair.monolith, rows));
  expect(await run(pair.service, 'select reason from banyan.parked')).toEqual([]);
});
