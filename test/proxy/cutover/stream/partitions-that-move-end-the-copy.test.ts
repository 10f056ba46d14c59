import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Stream } from '#proxy/cutover/stream/start-stream.ts';
import { install } from '#proxy/cutover/install/install.ts';
import { createPair, type Pair } from './support/pair.ts';

let pair: Pair;
beforeEach(async () => {
  const table = { table: 'items', key: ['id', 'year'], partitionKey: ['id'] };
  pair = await createPair({
    monolith: `create table items (id int, year int, primary key (id, year)) partition by range (year);
      create table items_old partition of items for values from (0) to (2000);
      create table items_new partition of items for values from (2000) to (3000);
      create table items_next (id int not null, year int not null); insert into items_next values (3, 3001)`,
    service: 'create table items (id int, year int, primary key (id, year))',
    groups: {
      all: {
        buckets: 1,
        datasets: {
          items: {
            monolith: table,
            service: table,
            columns: ['id', 'year'].map((name) => ({ monolith: name, service: name })),
          },
        },
      },
    },
  });
  // As where the installer is no superuser.
  await pair.monolith.query(
    'drop event trigger if exists banyan_guard_changes; drop event trigger if exists banyan_guard_drops',
  );
});
afterEach(() => pair.drop());

async function ended(stream: Stream): Promise<string> {
  for (;;) {
    const [group] = stream.status().groups;
    if (group?.state === 'stopped') return `${group.failure?.code}: ${group.failure?.message}`;
    await new Promise((next) => setTimeout(next, 5));
  }
}

test.each([
  ['alter table items detach partition items_new', 'items_new is detached or gone'],
  ['drop table items_old', 'items_old is detached or gone'],
  [
    'alter table items attach partition items_next for values from (3000) to (4000)',
    'items_next came after the installation',
  ],
])('%s', async (statement, why) => {
  const stream = await pair.start({ times: { watchOutbox: 10 } });
  await pair.monolith.query('insert into items values (1, 1990), (2, 2010)');
  await pair.settled(stream);
  await pair.monolith.query(statement);
  expect(await ended(stream)).toMatch(new RegExp(`^parts-moved: .*banyan cutover install.*${why}`));
  // The application writes on, and no other process goes on with a copy that has a gap.
  await pair.monolith.query('delete from items where id < 9');
  await pair.stopAll();
  expect(await ended(await pair.start())).toContain(`over-limit: Writes are not captured any more`);
  await pair.stopAll();
  await install(pair.plan, 'monolith');
  await pair.monolith.query("select banyan.start_capture('all')");
  expect(await ended(await pair.start())).toContain('capture-gap');
});
