import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { fuzzParameters } from '#test/support/long-run.ts';
import { oneTable, type OneTable } from '../support/one-table.ts';

let world: OneTable;
beforeAll(async () => {
  world = await oneTable({
    sql: `create table items (place int, name text, n int, primary key (place, name) deferrable initially deferred);
      create function echo() returns trigger language plpgsql as $$ begin
        if new.n % 5 = 0 then update items set n = n + 1 where place = new.place and name = new.name; end if;
        if new.n % 7 = 0 then delete from items where place = new.place and name = new.name; end if; return null; end $$;
      create trigger echo after insert or update on items for each row execute function echo();
      create function revive() returns trigger language plpgsql as $$ begin
        if old.n % 3 = 0 then insert into items values (old.place, old.name, 1) ; end if; return null; end $$;
      create trigger revive after delete on items for each row execute function revive();`,
    columns: ['place', 'name', 'n'],
    key: ['place', 'name'],
    partitionKey: ['place'],
    buckets: 256,
  });
});
afterAll(() => world.drop());

const place = fc.integer({ min: 1, max: 3 });
const name = fc.constantFrom('a', 'b', '', 'ä,"');
const n = fc.integer({ min: 0, max: 40 });
const quoted = (text: string) => `'${text}'`;

const statement = fc.oneof(
  fc
    .tuple(place, name, n)
    .map(
      ([p, k, v]) =>
        `insert into items select ${p}, ${quoted(k)}, ${v} where not exists (select from items where place = ${p} and name = ${quoted(k)})`,
    ),
  fc.tuple(place, n).map(([p, v]) => `update items set n = n + ${v} where place >= ${p}`),
  fc
    .tuple(name, name)
    .map(
      ([a, b]) =>
        `update items i set name = ${quoted(b)} where name = ${quoted(a)} and not exists (select from items j where j.place = i.place and j.name = ${quoted(b)})`,
    ),
  fc.tuple(place, name).map(([p, k]) => `delete from items where place = ${p} and name = ${quoted(k)}`),
  fc
    .tuple(n)
    .map(
      ([v]) =>
        `with gone as (delete from items where n % 4 = ${v} % 4 returning *) update items set n = n + 1 where n % 4 <> ${v} % 4`,
    ),
);
const step = fc.oneof(
  { weight: 6, arbitrary: statement },
  { weight: 2, arbitrary: fc.constantFrom('savepoint s', 'rollback to s', 'release s') },
);
const transaction = fc.record({
  steps: fc.array(step, { minLength: 1, maxLength: 8 }),
  level: fc.constantFrom('read committed', 'repeatable read', 'serializable'),
  end: fc.constantFrom('commit', 'commit', 'rollback'),
});

test('whatever transactions did, the outbox replayed in sequence is the table', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(transaction, { minLength: 1, maxLength: 6 }), async (transactions) => {
      for (const { steps, level, end } of transactions) {
        await world.session.query(`begin isolation level ${level}`);
        let depth = 0;
        for (const text of steps) {
          if (text === 'savepoint s') depth += 1;
          else if (text.endsWith(' s') && depth === 0) continue;
          if (text === 'release s') depth -= 1;
          await world.session.query(text);
        }
        await world.session.query(end);
      }
      const table = await world.database.query(
        `select place, name, n from items order by place, name collate "C"`,
      );
      const replayed = await world.database.query(
        `select place, name, n from (
           select distinct on ((image::banyan.image_1).place, (image::banyan.image_1).name) op, (image::banyan.image_1).*
           from banyan.outbox order by (image::banyan.image_1).place, (image::banyan.image_1).name, seq desc) last
         where op = 'P' order by place, name collate "C"`,
      );
      expect(replayed).toEqual(table);
    }),
    fuzzParameters(40),
  );
});
