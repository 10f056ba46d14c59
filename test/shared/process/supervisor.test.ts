import { afterEach, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { supervise, type Supervised, type SuperviseOptions } from '#shared/process/supervisor.ts';
import type { SupervisionEvent } from '#shared/process/supervisor.ts';

const program = join(import.meta.dirname, 'child-program.ts');
const started: Supervised[] = [];

interface Watched {
  readonly child: Supervised;
  readonly events: SupervisionEvent[];
  /** Resolves when the child has said `up` so often in all. */
  readonly ups: (count: number) => Promise<void>;
}

function watch(mode: string, restart?: SuperviseOptions['restart']): Watched {
  const events: SupervisionEvent[] = [];
  let output = '';
  const child = supervise({
    name: 'child',
    program,
    args: [mode],
    ...(restart === undefined ? {} : { restart }),
    onEvent: (event) => events.push(event),
    onOutput: (text) => (output += text),
  });
  started.push(child);
  return {
    child,
    events,
    async ups(count) {
      while (output.split('up\n').length - 1 < count) await delay(10);
    },
  };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

afterEach(async () => {
  await Promise.all(started.splice(0).map((child) => child.stop(0)));
});

test('a child that is killed comes back with another pid, and stops for good when asked', async () => {
  const { child, events, ups } = watch('steady', { firstDelayMs: 1 });
  await ups(1);
  const first = child.pid ?? 0;
  process.kill(first, 'SIGKILL');
  await ups(2);
  expect(child.restarts).toBe(1);
  expect(child.pid).not.toBe(first);
  await child.stop();
  expect(child.pid).toBeUndefined();
  expect(await child.ended).toMatchObject({ reason: 'stopped' });
  expect(events.map((event) => event.kind)).toEqual(['started', 'crashed', 'started', 'ended']);
  expect(events[1]).toMatchObject({ detail: 'child was ended by SIGKILL', restartInMs: 1 });
});

test('a child that ignores SIGTERM is killed when its time is over', async () => {
  const { child, ups } = watch('stubborn');
  await ups(1);
  const pid = child.pid ?? 0;
  await child.stop(50);
  expect(isAlive(pid)).toBe(false);
});

test('an exit code that a restart cannot mend ends the supervision with the last words', async () => {
  const { child } = watch('misconfigured');
  expect(await child.ended).toEqual({
    reason: 'gave-up',
    detail: 'child ended with exit code 2: PORT must be a number',
  });
});

test('crashes in a row wait longer each time, and end', async () => {
  const { child, events } = watch('crashing', { firstDelayMs: 1, maxDelayMs: 2, maxInARow: 3 });
  expect(await child.ended).toEqual({
    reason: 'gave-up',
    detail: 'child ended with exit code 7: the roof is on fire',
  });
  expect(events.flatMap((event) => (event.kind === 'crashed' ? [event.restartInMs] : []))).toEqual([1, 2, 2]);
});

test('a stop during the back-off starts nothing again', async () => {
  const { child, events } = watch('crashing', { firstDelayMs: 60_000, maxDelayMs: 60_000 });
  while (!events.some((event) => event.kind === 'crashed')) await delay(10);
  await child.stop();
  expect(child.restarts).toBe(0);
});

test('a program that is not there is a crash like any other', async () => {
  const child = supervise({
    name: 'child',
    program: `${program}.missing`,
    restart: { maxInARow: 0 },
    onOutput: () => undefined,
  });
  const ending = await child.ended;
  expect(ending.reason).toBe('gave-up');
  expect(ending.detail).toMatch(/Cannot find module/);
});

test('the child ends when its supervisor is killed', async () => {
  const parent = spawn(process.execPath, [program, 'parent-of', 'steady'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  parent.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  // One is the parent's, one the grandchild's: it writes to the same pipe.
  while (output.split('up\n').length - 1 < 2) await delay(10);
  const closed = once(parent, 'close');
  expect(isAlive(Number.parseInt(output, 10))).toBe(true);
  parent.kill('SIGKILL');
  // The pipe closes when the last process that holds it has ended.
  await closed;
});
