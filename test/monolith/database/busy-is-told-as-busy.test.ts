import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Sequelize } from 'sequelize';
import { databaseProblem } from '#monolith/database-errors.ts';
import { openDatabase } from '#monolith/database.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';

let database: TestDatabase;
let sequelize: Sequelize;

beforeAll(async () => {
  database = await createTestDatabase('empty');
  sequelize = openDatabase(database.url);
  await sequelize.query('create table t (id int primary key, n int); insert into t values (1, 0), (2, 0)');
});
afterAll(async () => {
  await sequelize.close();
  await database.drop();
});

const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

test('a statement that takes too long, or waits for a lock too long, is 503 database-busy', async () => {
  const slow = [
    `set local statement_timeout = '20ms'; select pg_sleep(10)`,
    `set local lock_timeout = '20ms'; update t set n = 1 where id = 1`,
  ];
  await sequelize.transaction(async (transaction) => {
    await sequelize.query('select from t for update', { transaction });
    for (const sql of slow) {
      const error = await failureOf(
        sequelize.transaction((inner) => sequelize.query(sql, { transaction: inner })),
      );
      expect(databaseProblem(error)).toMatchObject({
        status: 503,
        code: 'database-busy',
        headers: { 'Retry-After': '1' },
      });
    }
  });
});

test('a deadlock is 503 database-busy for the one that lost it', async () => {
  const both = [1, 2].map(() => Promise.withResolvers<void>());
  const failures = await Promise.all(
    [1, 2].map((first, at) =>
      failureOf(
        sequelize.transaction(async (transaction) => {
          await sequelize.query(`set local deadlock_timeout = '20ms'`, { transaction });
          const lock = (id: number) =>
            sequelize.query(`update t set n = n + 1 where id = ${id}`, { transaction });
          await lock(first);
          both[at]?.resolve();
          await Promise.all(both.map(({ promise }) => promise));
          await lock(3 - first);
        }),
      ),
    ),
  );
  const codes = new Set(failures.map((error) => databaseProblem(error)?.code));
  expect(codes).toEqual(new Set(['database-busy', undefined]));
});

test('what is wrong with the statement or the program is no outage', async () => {
  const wrong = await failureOf(sequelize.query('select from nowhere'));
  expect(databaseProblem(wrong)).toBeUndefined();
  expect(databaseProblem(new Error('Connection terminated'))).toBeUndefined();
  expect(databaseProblem(undefined)).toBeUndefined();
});
