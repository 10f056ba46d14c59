import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect, createServer, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { request } from 'undici';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';

const program = fileURLToPath(new URL('../../../monolith/main.ts', import.meta.url));
let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase('empty');
});
afterAll(() => database.drop());

interface Run {
  readonly child: ChildProcess;
  readonly ended: Promise<{ code: number | null; stdout: string; stderr: string }>;
  /** The line of the log with this message. */
  line(message: string): Promise<Record<string, unknown>>;
}

function run(env: Record<string, string>): Run {
  const child = spawn(process.execPath, [program], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
  const ended = once(child, 'close').then(() => ({ code: child.exitCode, stdout, stderr }));
  return {
    child,
    ended,
    async line(message) {
      for (;;) {
        const found = stdout
          .split('\n')
          .filter((line) => line.startsWith('{'))
          .map((line) => JSON.parse(line) as Record<string, unknown>)
          .find((line) => line['msg'] === message);
        if (found !== undefined) return found;
        if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode}: ${stderr}${stdout}`);
        await Promise.race([once(child.stdout, 'data'), ended]);
      }
    },
  };
}

const environment = () => ({
  DATABASE_URL: database.url,
  PORT: '0',
  INTROSPECTION_KEY: 'a-key-for-introspection',
});

test('it migrates an empty database, serves, and ends with 0 on SIGTERM; started again, it migrates nothing', async () => {
  const first = run(environment());
  const { url, migrated } = await first.line('listening');
  expect(migrated).toContain('010-inventory.sql');
  const health = await request(`${String(url)}/healthz`, { reset: true });
  expect([health.statusCode, await health.body.json()]).toEqual([200, { status: 'ok' }]);
  first.child.kill('SIGTERM');
  const { code, stdout } = await first.ended;
  expect(code).toBe(0);
  expect(stdout).not.toContain('a-key-for-introspection');

  const second = run(environment());
  expect((await second.line('listening'))['migrated']).toEqual([]);
  second.child.kill('SIGTERM');
  expect((await second.ended).code).toBe(0);
});

test('on SIGTERM it takes no new connection, and answers the request that had begun', async () => {
  const started = run(environment());
  const { child, ended } = started;
  const { url } = await started.line('listening');
  const body = JSON.stringify({ email: 'nobody@example.com', password: 'long enough' });
  const headers = {
    'content-type': 'application/json',
    'content-length': body.length,
    expect: '100-continue',
  };
  const begun = httpRequest(`${String(url)}/auth/login`, { method: 'POST', headers });
  begun.flushHeaders();
  await once(begun, 'continue');
  child.kill('SIGTERM');
  while (await connects(String(url)));
  begun.end(body);
  const [response] = (await once(begun, 'response')) as [IncomingMessage];
  expect(response.statusCode).toBe(401);
  response.resume();
  expect((await ended).code).toBe(0);
});

async function connects(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  const connected = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  return connected;
}

test('a wrong environment is told as a whole, with exit code 2', async () => {
  const { code, stderr } = await run({ PORT: 'http' }).ended;
  expect(code).toBe(2);
  for (const name of ['DATABASE_URL', 'PORT', 'INTROSPECTION_KEY']) expect(stderr).toContain(name);
});

test('a database that is not there is named without its password, with exit code 1', async () => {
  const free = createServer().listen(0, '127.0.0.1');
  await once(free, 'listening');
  const { port } = free.address() as AddressInfo;
  free.close();
  const wrong = { ...environment(), DATABASE_URL: `postgres://me:hunter2@127.0.0.1:${port}/shop` };
  const { code, stderr } = await run(wrong).ended;
  expect(code).toBe(1);
  expect(stderr).toMatch(`monolith: the database 127.0.0.1:${port}/shop cannot be used`);
  expect(stderr).not.toContain('hunter2');
});

test('a port in use is told with a remedy', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  const { code, stderr } = await run({ ...environment(), PORT: String(port) }).ended;
  expect(code).toBe(1);
  expect(stderr).toMatch(`the monolith cannot listen on 127.0.0.1:${port} (EADDRINUSE)`);
  taken.close();
  await once(taken, 'close');
});
