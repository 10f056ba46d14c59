import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Sequelize } from 'sequelize';
import { openDatabase } from '#monolith/database.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';

const module = fileURLToPath(new URL('../../../monolith/database.ts', import.meta.url));
let database: TestDatabase;
let sequelize: Sequelize;

beforeAll(async () => {
  database = await createTestDatabase('empty');
  sequelize = openDatabase(database.url);
});
afterAll(async () => {
  await sequelize.close();
  await database.drop();
});

test('a bigint is a number, a timestamp is UTC, whatever the zone of the process', async () => {
  // A process of its own: the zone is fixed when a process starts.
  const program = `
    import { openDatabase } from ${JSON.stringify(module)};
    const database = openDatabase(process.argv[1]);
    const [rows] = await database.query(
      "select 9007199254740991::bigint as id, timestamp '2026-07-02 03:04:05.678' as at, count(*) as n");
    console.log(JSON.stringify(rows), new Date(2026, 6, 2).getTimezoneOffset());
    await database.close();`;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '-e', program, database.url],
    { env: { ...process.env, TZ: 'America/New_York', NODE_OPTIONS: '' } },
  );
  expect(stdout.trim()).toBe('[{"id":9007199254740991,"at":"2026-07-02T03:04:05.678Z","n":1}] 240');
});

test('an id beyond the safe integers is an error, and the connection stays usable', async () => {
  await expect(sequelize.query('select 9007199254740993::bigint')).rejects.toThrow(
    /beyond the safe integers/,
  );
  await expect(sequelize.query('select 1')).resolves.toBeDefined();
});
