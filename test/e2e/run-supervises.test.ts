import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '#shared/postgres/embedded.ts';
import { writeMigrationFiles, type MigrationFiles } from '#test/support/migration-files.ts';
import { startUpstream, type Upstream } from '#test/support/upstream.ts';

const program = fileURLToPath(new URL('../../proxy/banyan.ts', import.meta.url));

let upstream: Upstream;
let files: MigrationFiles;
let url: string;
let admin: string;
let child: ChildProcess;
let output: string;

beforeEach(async () => {
  const [port, adminPort] = [await freePort(), await freePort()];
  upstream = await startUpstream('old');
  files = writeMigrationFiles({ old: upstream.url, port, adminPort });
  url = `http://127.0.0.1:${port}`;
  admin = `http://127.0.0.1:${adminPort}`;
  output = '';
  child = spawn(process.execPath, [program, 'run', '--config', files.config], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
});
afterEach(async () => {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  await upstream.close();
  files.remove();
});

/** Process id of the proxy role that is ready now, other than `not`. */
async function readyPid(not?: number): Promise<number> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`banyan run ended: ${output}`);
    const status = await fetch(`${admin}/status`).then(
      (response) => response.json() as Promise<{ pid: number; state: string }>,
      () => undefined,
    );
    if (status?.state === 'ready' && status.pid !== not) return status.pid;
    await delay(50);
  }
}

async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await delay(20);
  }
}

test('a role that is killed is started again, and SIGTERM ends all with exit code 0', async () => {
  const first = await readyPid();
  expect((await fetch(url)).status).toBe(200);
  process.kill(first, 'SIGKILL');
  const second = await readyPid(first);
  expect((await fetch(url)).status).toBe(200);
  expect(output).toContain('role died; it is started again');
  child.kill('SIGTERM');
  const [code] = (await once(child, 'exit')) as [number];
  expect(code).toBe(0);
  await gone(second);
});

test('when the parent is killed, the role ends by itself', async () => {
  const pid = await readyPid();
  child.kill('SIGKILL');
  await gone(pid);
});
