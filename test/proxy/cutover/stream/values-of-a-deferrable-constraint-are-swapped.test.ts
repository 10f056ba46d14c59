import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createPair, type Pair } from './support/pair.ts';

let pair: Pair;
beforeAll(async () => {
  const items =
    'create table items (id int primary key, place int not null, unique (place) deferrable initially immediate)';
  const table = { table: 'items', key: ['id'], partitionKey: ['id'] };
  pair = await createPair({
    monolith: items,
    service: items,
    groups: {
      all: {
        buckets: 1,
        datasets: {
          items: {
            monolith: table,
            service: table,
            columns: ['id', 'place'].map((name) => ({ monolith: name, service: name })),
          },
        },
      },
    },
  });
});
afterAll(() => pair.drop());

test('two rows, a ring of a hundred, and one that is longer than a page', async () => {
  const stream = await pair.start({ page: { rows: 60 }, times: { watchOutbox: 100 } });
  await pair.monolith.query('insert into items select n, n from generate_series(1, 200) n');
  await pair.settled(stream);
  for (const swap of [
    'update items set place = 3 - place where id in (1, 2)',
    'update items set place = case place when 110 then 11 else place + 1 end where id between 11 and 110',
    'update items set place = 201 - place',
  ]) {
    await pair.monolith.query(`begin; set constraints all deferred; ${swap}; commit`);
    await pair.settled(stream);
    // What is longer than a page is parked until all of it is there.
    while ((await pair.service.query('select from banyan.parked')).length > 0)
      await new Promise((next) => setTimeout(next, 50));
    const read = 'select id, place from items order by id';
    expect(await pair.service.query(read)).toEqual(await pair.monolith.query(read));
  }
});
