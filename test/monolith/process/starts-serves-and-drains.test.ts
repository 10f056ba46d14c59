import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
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
  /** The address that the log says it listens on. */
  readonly url: () => Promise<string>;
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
    async url() {
      for (;;) {
        const [, url] = /"url":"([^"]+)"[^\n]*"msg":"listening"/.exec(stdout) ?? [];
        if (url !== undefined) return url;
        if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode}: ${stderr}${stdout}`);
        await Promise.race([once(child.stdout, 'data'), ended]);
      }
    },
  };
}

test('on SIGTERM it takes no new connection, answers the request that had begun, and ends with 0', async () => {
  const started = run({
    DATABASE_URL: database.url,
    PORT: '0',
    INTROSPECTION_KEY: 'a-key-for-introspection',
  });
  const url = await started.url();
  const body = JSON.stringify({ email: 'nobody@example.com', password: 'long enough' });
  const headers = {
    'content-type': 'application/json',
    'content-length': body.length,
    expect: '100-continue',
  };
  const begun = httpRequest(`${url}/auth/login`, { method: 'POST', headers });
  begun.flushHeaders();
  await once(begun, 'continue');
  started.child.kill('SIGTERM');
  while (await connects(url));
  begun.end(body);
  const [response] = (await once(begun, 'response')) as [IncomingMessage];
  expect([response.statusCode, response.headers.connection]).toEqual([401, 'close']);
  response.resume();
  const { code, stdout } = await started.ended;
  expect(code).toBe(0);
  expect(stdout).not.toContain('a-key-for-introspection');
});

test('a wrong environment is told as a whole, with exit code 2', async () => {
  const { code, stderr } = await run({ PORT: 'http' }).ended;
  expect(code).toBe(2);
  for (const name of ['DATABASE_URL', 'PORT', 'INTROSPECTION_KEY']) expect(stderr).toContain(name);
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
