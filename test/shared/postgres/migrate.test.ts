import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '#shared/postgres/migrate.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';

const folder = mkdtempSync(join(tmpdir(), 'banyan-migrate-'));
let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase('empty');
});
afterAll(async () => {
  await database.drop();
  rmSync(folder, { recursive: true });
});

test('each file runs once, in order; a broken one is named and leaves nothing behind', async () => {
  writeFileSync(join(folder, '002-b.sql'), 'insert into a values (1)');
  writeFileSync(join(folder, '001-a.sql'), 'create table a (n int)');
  expect(await migrate({ url: database.url, folder })).toEqual(['001-a.sql', '002-b.sql']);
  expect(await migrate({ url: database.url, folder })).toEqual([]);

  writeFileSync(join(folder, '003-c.sql'), 'insert into a values (2); insert into missing values (3)');
  await expect(migrate({ url: database.url, folder })).rejects.toThrow(
    /003-c\.sql: relation "missing" does not exist/,
  );
  expect(await database.query('select n from a')).toEqual([{ n: 1 }]);
});

test('two at once apply each file once', async () => {
  const other = await createTestDatabase('empty');
  rmSync(join(folder, '003-c.sql'), { force: true });
  const runs = await Promise.all([1, 2].map(() => migrate({ url: other.url, folder })));
  expect(runs.flat()).toHaveLength(2);
  await other.drop();
});
