import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { serve } from '#shared/http/serve.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';
import { startUserService } from '#user-service/start.ts';
import { clientOf } from './client.ts';
import { openTransaction } from './held-lock.ts';

const program = fileURLToPath(new URL('../../user-service/main.ts', import.meta.url));
let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase('empty');
});
afterAll(() => database.drop());

const environment = () => ({
  DATABASE_URL: database.url,
  PORT: '0',
  INTROSPECTION_KEY: 'a-key-of-more-than-16-characters',
  LOG_LEVEL: 'info',
});

function run(env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, [program], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const written = { out: '', error: '' };
  child.stdout.on('data', (text) => (written.out += String(text)));
  child.stderr.on('data', (text) => (written.error += String(text)));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...written }));
  return { child, written, ended };
}

test('the process brings an empty database up to date, serves, and ends with 0 when it is told to', async () => {
  const { child, written, ended } = run(environment());
  while (!written.out.includes('\n')) await Promise.race([once(child.stdout, 'data'), ended]);
  const line = JSON.parse(written.out.split('\n')[0] ?? '') as { url: string; migrated: string[] };
  expect(line).toMatchObject({ msg: 'listening', migrated: ['001-accounts.sql'] });
  const client = clientOf(line.url);
  const { id } = await client.signUp('ada@example.com');
  expect(id).toBeGreaterThan(0);
  child.kill('SIGTERM');
  const { code, error } = await ended;
  expect([code, error]).toEqual([0, '']);
});

test('a wrong environment is one message and exit code 2', async () => {
  const { code, out, error } = await run({}).ended;
  expect([code, out]).toEqual([2, '']);
  expect(error).toMatch(/^user-service: the environment is wrong:\n {2}DATABASE_URL is not set/);
});

test('a database that does not answer is one message and exit code 1, without its password', async () => {
  const closed = await serve(() => undefined, { name: 'nothing' });
  await closed.close();
  const databaseUrl = `postgres://somebody:secret-password@127.0.0.1:${closed.port}/accounts`;
  const { code, error } = await run({ ...environment(), DATABASE_URL: databaseUrl }).ended;
  expect(code).toBe(1);
  expect(error).toBe(
    `user-service: the database 127.0.0.1:${closed.port}/accounts does not answer (ECONNREFUSED): ` +
      'start PostgreSQL there, or correct DATABASE_URL\n',
  );
});

test('a database that there is not, and a port that is taken, are told by name', async () => {
  const missing = new URL(database.url);
  missing.pathname = '/missing';
  await expect(startUserService({ ...environment(), DATABASE_URL: missing.href })).rejects.toThrow(
    /^the database 127\.0\.0\.1:\d+\/missing cannot be used \(3D000\): database "missing" does not exist$/,
  );
  const taken = await serve(() => undefined, { name: 'another' });
  await expect(startUserService({ ...environment(), PORT: String(taken.port) })).rejects.toThrow(
    `the user-service cannot listen on 127.0.0.1:${taken.port} (EADDRINUSE)`,
  );
  await taken.close();
});

test('a second start finds the database up to date; stopping lets a running request finish', async () => {
  const running = await startUserService({ ...environment(), LOG_LEVEL: 'silent' });
  const client = clientOf(running.url);
  const { id, accessToken: token } = await client.signUp('grace@example.com');
  const other = await openTransaction(database);
  await other.query('select from accounts where user_id = $1 for update', [id]);
  const request = client.call('PATCH', `/users/${id}`, { token, json: { name: 'Grace' } });
  await other.blocks(1);
  const stopped = running.stop();
  await other.end('commit');
  expect((await request).json['name']).toBe('Grace');
  await stopped;
  await expect(client.call('GET', '/healthz')).rejects.toThrow('fetch failed');
});
