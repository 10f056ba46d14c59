import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { ensureOwnDatabases } from '#sample/own-databases.ts';
import type { Login } from '#shared/postgres/embedded.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';

const mark = randomBytes(4).toString('hex');
const names = [`test_shop_${mark}`, `test_people_${mark}`] as const;
const [shop, people] = names;
let server: TestDatabase;
let logins: Readonly<Record<string, Login>>;

/** As `EmbeddedPostgres` has it. */
function url(database: string, login?: Login): string {
  const address = new URL(server.url);
  address.pathname = `/${database}`;
  if (login !== undefined) Object.assign(address, { username: login.role, password: login.password });
  return address.href;
}

async function as<Row extends object>(
  database: string,
  login: Login | undefined,
  text: string,
): Promise<Row[]> {
  const client = new Client({ connectionString: url(database, login) });
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

beforeAll(async () => {
  server = await createTestDatabase('empty');
  logins = await ensureOwnDatabases({ url }, { names, anew: true });
});
afterAll(async () => {
  for (const name of names) {
    await server.query(`drop database ${name} with (force)`);
    await server.query(`drop role ${name}`);
  }
  await server.drop();
});

test('each login owns its database, and is no superuser', async () => {
  await as(shop, logins[shop], 'create table wares (id int)');
  expect(
    await as(shop, logins[shop], 'select rolsuper, rolname from pg_roles where rolname = current_user'),
  ).toEqual([{ rolsuper: false, rolname: shop }]);
});

test("no login may enter the other's database", async () => {
  await expect(as(people, logins[shop], 'select 1')).rejects.toThrow(/permission denied for database/);
});

test('at the next start the data are there, and the passwords others', async () => {
  const before = logins[shop];
  logins = await ensureOwnDatabases({ url }, { names, anew: false });
  expect(logins[shop]?.password).not.toBe(before?.password);
  await expect(as(shop, before, 'select 1')).rejects.toThrow(/password authentication failed/);
  expect(await as(shop, logins[shop], 'select count(*)::int as count from wares')).toEqual([{ count: 0 }]);
});

test('made anew they are empty', async () => {
  logins = await ensureOwnDatabases({ url }, { names, anew: true });
  expect(await as(shop, logins[shop], "select to_regclass('wares') as wares")).toEqual([{ wares: null }]);
});
