import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { request } from 'undici';
import { startMonolith } from '#monolith/start.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase('empty');
});
afterAll(() => database.drop());

const environment = () => ({
  DATABASE_URL: database.url,
  PORT: '0',
  INTROSPECTION_KEY: 'a-key-for-introspection',
  LOG_LEVEL: 'silent',
});

async function taken(): Promise<{ server: Server; port: number }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}

test('an empty database is migrated; one that is up to date is taken as it is', async () => {
  for (let start = 1; start <= 2; start++) {
    const running = await startMonolith(environment());
    const { statusCode, body } = await request(`${running.url}/healthz`, { reset: true });
    expect([statusCode, await body.json()]).toEqual([200, { status: 'ok' }]);
    await running.stop();
  }
  const applied = await database.query<{ name: string }>('select name from schema_migrations');
  expect(applied.map((row) => row.name)).toContain('010-inventory.sql');
});

test('a database that is not there is named without its password', async () => {
  const { server, port } = await taken();
  server.close();
  await once(server, 'close');
  const wrong = { ...environment(), DATABASE_URL: `postgres://me:hunter2@127.0.0.1:${port}/shop` };
  const failure = await startMonolith(wrong).catch((error: unknown) => String(error));
  expect(failure).toMatch(`the database 127.0.0.1:${port}/shop cannot be used`);
  expect(failure).not.toContain('hunter2');
});

test('a port in use is told with a remedy, and nothing stays open', async () => {
  const { server, port } = await taken();
  await expect(startMonolith({ ...environment(), PORT: String(port) })).rejects.toThrow(
    `the monolith cannot listen on 127.0.0.1:${port} (EADDRINUSE)`,
  );
  server.close();
  await once(server, 'close');
});
