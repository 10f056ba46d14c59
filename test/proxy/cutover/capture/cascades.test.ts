import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { cutoverPlan } from '#proxy/cutover/plan.ts';
import { install } from '#proxy/cutover/install/install.ts';
import { uninstall } from '#proxy/cutover/install/uninstall.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';
import type { CutoverPlan } from '#proxy/cutover/plan.types.ts';
import { databasesOf } from '../support/applier.ts';

let database: TestDatabase;
let plan: CutoverPlan;
beforeAll(async () => {
  database = await createTestDatabase('empty');
  await database.query(`create table parents (id int primary key, n int);
    create table children (id int, no int, parent int references parents on delete cascade deferrable initially deferred,
      primary key (id, no));`);
  const table = (name: string, key: string[]) => ({ table: name, key, partitionKey: ['id'] });
  const both = (name: string, key: string[], columns: string[]) => ({
    monolith: table(name, key),
    service: table(name, key),
    columns: columns.map((column) => ({ monolith: column, service: column })),
  });
  plan = cutoverPlan('family', {
    ...databasesOf({ monolith: database.url, service: database.url }),
    groups: {
      family: {
        buckets: 1,
        datasets: {
          parents: both('parents', ['id'], ['id', 'n']),
          children: both('children', ['id', 'no'], ['id', 'no', 'parent']),
        },
      },
    },
  });
  await install(plan, 'monolith');
});
afterAll(async () => {
  await uninstall(plan, 'monolith');
  await database.drop();
});

const shown = async () =>
  (
    await database.query<{ what: string }>(
      `select d.name || ' ' || o.op::text || ' ' || o.image as what from banyan.outbox o join banyan.datasets d using (dataset_id) order by seq`,
    )
  ).map(({ what }) => what);

test('children that a cascade deletes are captured, after their parent', async () => {
  // Children first: the deferred constraint is looked at when the transaction commits.
  await database.query(
    'begin; insert into children values (1, 1, 1), (1, 2, 1); insert into parents values (1, 1); commit',
  );
  await database.query('delete from parents');
  expect(await shown()).toEqual([
    'children P (1,1,1)',
    'children P (1,2,1)',
    'parents P (1,1)',
    'parents D (1,)',
    'children D (1,1,)',
    'children D (1,2,)',
  ]);
});

test('a commit that a deferred constraint fails leaves nothing', async () => {
  const before = await shown();
  await expect(database.query('begin; insert into children values (9, 9, 9); commit')).rejects.toMatchObject({
    code: '23503',
  });
  expect(await shown()).toEqual(before);
});
