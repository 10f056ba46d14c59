import type { CutoverPlan } from '#proxy/cutover/plan.types.ts';
import { preflight } from '#proxy/cutover/preflight/preflight.ts';
import type { Remark } from '#proxy/cutover/preflight/remark.types.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';
import { secondPlan } from '../support/second-plan.ts';

export interface TestPair {
  readonly monolith: TestDatabase;
  readonly service: TestDatabase;
  readonly plan: CutoverPlan;
  drop(): Promise<void>;
}

/** The second pair with a few rows of every kind of value on the old side. */
export async function secondPair(): Promise<TestPair> {
  const [monolith, service] = await Promise.all([
    createTestDatabase('second_old'),
    createTestDatabase('second_new'),
  ]);
  await monolith.query(rows);
  return {
    monolith,
    service,
    plan: secondPlan({ monolith: monolith.url, service: service.url }),
    async drop() {
      await Promise.all([monolith.drop(), service.drop()]);
    },
  };
}

const rows = `
  insert into cards values
    ('north', 'A.1', 'A "title"', '{one,"two, three",NULL}', '{"b": 1, "a": [null]}', 12.50, 'O', null, 1, '2020-01-01 00:00:00', null),
    ('north', 'Ü/é', null, null, null, null, null, 'A.1', 7, '1999-12-31 23:59:59.999', '2001-01-01'),
    ('south', 'A.1', '', '{}', '{}', 0.00, 'S', '', 2, '2024-02-29', null);
  insert into loggers values
    ('north', 's-1', 'T9', '{temperature,light}', '{}', -0.125, 1, 'in use', 1, '2020-01-01', null),
    ('south', 's-1', null, null, null, null, null, null, 1, '2020-01-01', '2021-01-01');
  insert into logger_readings values ('north', 's-1', '2020-01-01 00:00:00.001', 'light', 1.5000),
    ('north', 's-1', '2020-01-01 00:00:00.001', 'temperature', null);
  insert into loans values ('north', 'A.1', 'someone', '2030-01-01')`;

/** What pre-flight says, without what every fresh pair of test databases gets said. */
export async function remarksOf(plan: CutoverPlan): Promise<Remark[]> {
  const { remarks } = await preflight(plan);
  return remarks.filter(({ code }) => !alwaysTold.has(code));
}

// The test server runs without fsync; the rest are plain notes.
const alwaysTold = new Set([
  'not-durable',
  'not-installed',
  'disk-room',
  'sample-empty',
  'foreign-key-from-outside',
]);
