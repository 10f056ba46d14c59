import { afterEach, expect, test } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

// The main job as a user runs it, in a process of its own. What it says with --json is read along.

type Said = Readonly<Record<string, unknown>> & { readonly event: string };

interface Run {
  readonly child: ChildProcess;
  readonly dataFolder: string;
  readonly said: readonly Said[];
  /** The first line that `matches`, as soon as it is there. */
  until(matches: (said: Said) => boolean): Promise<Said>;
  /** Exit code. */
  readonly ended: Promise<number | null>;
  readonly complaints: () => string;
}

const program = join(import.meta.dirname, '../../sample/start.ts');
const small = ['--json', '--scale', '0.00001', '--rate', '40', '--port', '0', '--admin-port', '0'];
const runs: Run[] = [];

function start(...args: readonly string[]): Run {
  const parent = mkdtempSync(join(tmpdir(), 'banyan-start-'));
  chmodSync(parent, 0o755);
  const dataFolder = join(parent, 'data');
  const child = spawn(process.execPath, [program, ...small, '--data', dataFolder, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: Said[] = [];
  let rest = '';
  let complaints = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    said.push(...lines.map((line) => JSON.parse(line) as Said));
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text));
  const ended = once(child, 'close').then(([code]) => code as number | null);
  const run: Run = {
    child,
    dataFolder,
    said,
    ended,
    complaints: () => complaints,
    async until(matches) {
      for (;;) {
        const found = said.find(matches);
        if (found !== undefined) return found;
        if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode} before: ${complaints}`);
        await delay(20);
      }
    },
  };
  runs.push(run);
  return run;
}

afterEach(async () => {
  for (const { child, dataFolder, ended } of runs.splice(0)) {
    child.kill('SIGKILL');
    await ended;
    rmSync(join(dataFolder, '..'), { recursive: true, maxRetries: 20, retryDelay: 100 });
  }
});

const isStep =
  (share: number) =>
  (said: Said): boolean =>
    said.event === 'step' && said['share'] === share && said['stage'] === 'shadow';

/** Every process of the run: as told, and the ones that those have started. */
async function allPids({ said, dataFolder }: Run): Promise<number[]> {
  const told = said.flatMap(({ event, pid }) => (event === 'process-started' ? [Number(pid)] : []));
  const postgres = Number.parseInt(readFileSync(join(dataFolder, 'postgres/postmaster.pid'), 'utf8'), 10);
  const ready = said.find(({ event }) => event === 'ready') as unknown as { places: { adminUrl: string } };
  const status = (await (await fetch(`${ready.places.adminUrl}/status`)).json()) as {
    workers: { pid: number }[];
  };
  return [...told, postgres, ...status.workers.map(({ pid }) => pid)];
}

function alive(pids: readonly number[]): number[] {
  return pids.filter((pid) => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  });
}

test('once through: a service that is killed before its share comes is back in time, and no user notices', async () => {
  const run = start('--once', '--step-seconds', '0.8');
  const service = await run.until(
    (said) => said.event === 'process-started' && said['name'] === 'user-service',
  );
  await run.until((said) => said.event === 'step');
  process.kill(Number(service['pid']), 'SIGKILL');
  await run.until(isStep(100));
  const pids = await allPids(run);
  expect(alive(pids).length).toBeGreaterThanOrEqual(4);

  expect(await run.ended).toBe(0);
  expect(run.complaints()).toBe('');
  const summary = run.said.at(-1);
  expect(summary).toMatchObject({
    event: 'summary',
    success: true,
    ramp: 'complete',
    restarts: 1,
    users: { failed: 0 },
    dataFolder: run.dataFolder,
  });
  const { users, reads } = summary as unknown as {
    users: { ok: number };
    reads: Record<string, { total: number }>;
  };
  expect(users.ok).toBeGreaterThan(100);
  expect(reads['monolith']?.total).toBeGreaterThan(0);
  expect(reads['service']?.total).toBeGreaterThan(0);
  expect(alive(pids)).toEqual([]);
  expect(readdirSync(run.dataFolder).toSorted()).toEqual([
    'banyan-sample.json',
    'flags.json',
    'logs',
    'postgres',
    'postgres.password',
  ]);
  expect(readdirSync(join(run.dataFolder, '..'))).toEqual(['data']);
});

test('again on the data of a run that moved them: they go back first, and then all the way once more', async () => {
  const first = start('--once', '--step-seconds', '0.3');
  expect(await first.ended).toBe(0);
  const second = start('--once', '--step-seconds', '0.3', '--data', first.dataFolder);
  expect(await second.ended).toBe(0);
  for (const { said } of [first, second]) {
    const steps = said.filter(({ event }) => event === 'step').map(({ stage }) => stage);
    expect(steps.slice(-8)).toEqual([
      'live',
      'rampdown',
      'shadow',
      'off',
      'dualwrite',
      'shadow',
      'live',
      'rampdown',
    ]);
    expect(said.at(-1)).toMatchObject({
      event: 'summary',
      success: true,
      users: { failed: 0 },
      ownership: { owned: { monolith: 0, service: 1, moving: 0 } },
    });
    // Those that followed each other faster than the view looks are not all told one by one.
    expect(said.filter(({ event }) => event === 'moved').map(({ to }) => to)).toContain('service');
  }
});

test('live: when the service dies under its share, the reads go back to 0 % by themselves; Ctrl-C ends all', async () => {
  const run = start('--step-seconds', '0.5', '--rate', '100');
  await run.until(isStep(75));
  const service = run.said.findLast(
    ({ event, name }) => event === 'process-started' && name === 'user-service',
  );
  process.kill(Number(service?.['pid']), 'SIGKILL');
  await run.until(({ event }) => event === 'rolled-back');
  const failure = await run.until(({ event }) => event === 'request-failed');
  expect(failure['what']).toMatch(/answered 502 upstream-/);
  await run.until(
    ({ event, name, restarts }) => event === 'process-started' && name === 'user-service' && restarts === 1,
  );
  const pids = await allPids(run);

  run.child.kill('SIGINT');
  expect(await run.ended).toBe(0);
  expect(run.complaints()).toBe('');
  expect(run.said.at(-1)).toMatchObject({ event: 'summary', success: false, ramp: 'rolled-back' });
  expect(alive(pids)).toEqual([]);
});

test('a port in use, and a wrong option, are one clear message', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as { port: number };
  const [busy, wrong] = [start('--port', String(port)), start('--rate', 'fast')];
  expect([await busy.ended, await wrong.ended]).toEqual([1, 2]);
  expect(busy.complaints()).toMatch(new RegExp(`^banyan: port ${port} is in use .* --port .*\\n$`));
  expect(wrong.complaints()).toContain("argument 'fast' is invalid. Allowed: a number from 1 to 2000.");
  taken.close();
  await once(taken, 'close');
});
