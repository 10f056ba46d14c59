import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { SampleEvent } from '#sample/events.ts';
import { choosePorts } from '#sample/ports.ts';
import { startProcess, type RunningProcess } from '#sample/processes.ts';

let logs: string;
const started: RunningProcess[] = [];
const events: SampleEvent[] = [];

async function start(mode: string, signal = new AbortController().signal): Promise<RunningProcess> {
  const [port = 0] = await choosePorts(1);
  const part = await startProcess(
    {
      name: mode,
      program: join(import.meta.dirname, 'process-program.ts'),
      args: [mode],
      env: { PORT: String(port) },
      healthUrl: `http://127.0.0.1:${port}/healthz`,
    },
    { logs, tell: (event) => events.push(event), signal },
  );
  started.push(part);
  return part;
}

beforeEach(() => {
  logs = mkdtempSync(join(tmpdir(), 'banyan-processes-'));
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((part) => part.stop(1_000)));
  events.length = 0;
  rmSync(logs, { recursive: true, force: true });
});

test('a part that is killed is back by itself, healthy, and both are told', async () => {
  const part = await start('healthy');
  expect(await part.trouble()).toBeUndefined();
  const { pid = 0 } = part.model();
  process.kill(pid, 'SIGKILL');
  while (part.model().restarts === 0 || (await part.trouble()) !== undefined) await delay(20);
  expect(events).toMatchObject([
    { event: 'process-started', restarts: 0, pid },
    { event: 'process-crashed', detail: 'healthy was ended by SIGKILL' },
    { event: 'process-started', restarts: 1 },
  ]);
  await part.stop(1_000);
  expect(part.model().pid).toBeUndefined();
  expect(await part.trouble()).toBe('healthy is not running');
});

test('what a part says goes into its log', async () => {
  await start('healthy');
  expect(readFileSync(join(logs, 'healthy.log'), 'utf8')).toBe('listening\n');
});

test('a part that does not come up is told with its last words, and not tried for ever', async () => {
  await expect(start('failing')).rejects.toThrow(
    'failing does not start: failing ended with exit code 1: no room at the inn',
  );
  expect(readFileSync(join(logs, 'failing.log'), 'utf8').split('no room')).toHaveLength(1 + 3);
});

test('an abort during the start leaves nothing running', async () => {
  const abort = new AbortController();
  const starting = start('healthy', abort.signal);
  abort.abort();
  await expect(starting).rejects.toThrow(/abort/);
  expect(started).toEqual([]);
});
