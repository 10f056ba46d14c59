import { afterAll, afterEach, expect, test } from '@jest/globals';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

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
  return startOn(join(parent, 'data'), ...args);
}

function startOn(dataFolder: string, ...args: readonly string[]): Run {
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
    rmSync(join(dataFolder, '..'), { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
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

/** As in a second terminal, with what the run has left for it. */
async function inSecondTerminal(run: Run, ...args: readonly string[]): Promise<string> {
  const { places } = run.said.find(({ event }) => event === 'ready') as unknown as {
    places: { envFile: string };
  };
  const { stdout } = await promisify(execFile)(process.execPath, [
    join(import.meta.dirname, '../../proxy/banyan.ts'),
    '--env-from',
    places.envFile,
    ...args,
  ]);
  return stdout;
}

const isRelease =
  (step: string) =>
  (said: Said): boolean =>
    said.event === 'release' && said['step'] === step;

const quick = ['--step-seconds', '0.2'];
const keysAgain = 'the foreign keys to the users again';

// The three share one data folder: each begins on what the one before has left.
let folder: string | undefined;
afterAll(() => {
  if (folder !== undefined) rmSync(join(folder, '..'), { recursive: true, force: true });
});
/** So that the next test finds its data. */
function kept({ dataFolder }: Run): void {
  folder = dataFolder;
  runs.splice(0);
}
const texts = ({ said }: Run) => said.map(({ event, what, reason }) => what ?? reason ?? event);

test('a service that is killed before its share comes is back in time; Ctrl-C in the midst of the release leaves nothing running', async () => {
  const run = start(...quick);
  const service = await run.until(
    (said) => said.event === 'process-started' && said['name'] === 'user-service',
  );
  await run.until((said) => said.event === 'step');
  process.kill(Number(service['pid']), 'SIGKILL');
  await run.until(isStep(100));
  expect(JSON.parse(await inSecondTerminal(run, 'cutover', 'status', '--json'))).toMatchObject({
    migration: 'users',
    mover: { owner: expect.any(String) },
  });
  expect(statSync(join(run.dataFolder, 'banyan.env')).mode & 0o777).toBe(0o600);

  await run.until(isRelease('foreign-keys'));
  const pids = await allPids(run);
  expect(alive(pids).length).toBeGreaterThanOrEqual(5);
  run.child.kill('SIGINT');
  expect(await run.ended).toBe(0);
  expect(run.complaints()).toBe('');
  expect(run.said.at(-1)).toMatchObject({
    event: 'summary',
    success: false,
    ramp: 'not-finished',
    release: { monolith: 'both', foreignKeys: 0, complete: false },
    ownership: { owned: { monolith: 0, service: 1, moving: 0 } },
    restarts: 1,
    users: { failed: 0 },
  });
  expect(alive(pids)).toEqual([]);
  kept(run);
});

test('once through to complete, on data that the service owns: they go back first, and no user notices anything', async () => {
  const run = startOn(folder ?? '', '--once', ...quick);
  await run.until(isRelease('old-release-stopped'));
  const pids = await allPids(run);
  expect(await run.ended).toBe(0);
  expect(run.complaints()).toBe('');
  const told = texts(run);
  expect(told).not.toContain('begun-anew');
  expect(told.indexOf(keysAgain)).toBeGreaterThan(0);
  expect(told.indexOf('step')).toBeGreaterThan(told.indexOf(keysAgain));
  expect(run.said.find(({ event }) => event === 'status')).toMatchObject({
    ownership: { owned: { monolith: 1, service: 0, moving: 0 } },
  });
  const steps = run.said.filter(({ event }) => event === 'step').map(({ stage }) => stage);
  expect(steps.slice(-10)).toEqual([
    'live',
    'rampdown',
    'shadow',
    'off',
    'dualwrite',
    'shadow',
    'live',
    'rampdown',
    'rampdown',
    'complete',
  ]);
  const summary = run.said.at(-1);
  expect(summary).toMatchObject({
    event: 'summary',
    success: true,
    ramp: 'complete',
    release: { monolith: 'new', foreignKeys: 0, complete: true },
    ownership: { owned: { monolith: 0, service: 1, moving: 0 } },
    users: { failed: 0 },
    dataFolder: run.dataFolder,
  });
  const { users, reads, lastStep } = summary as unknown as {
    users: { ok: number };
    reads: Record<string, { total: number }>;
    lastStep: { service: number };
  };
  expect(users.ok).toBeGreaterThan(100);
  expect(reads['monolith']?.total).toBeGreaterThan(0);
  expect(reads['service']?.total).toBeGreaterThan(0);
  expect(lastStep.service).toBeGreaterThan(0);
  expect(alive(pids)).toEqual([]);
  expect(readdirSync(run.dataFolder).toSorted()).toEqual([
    'banyan-sample.json',
    'banyan.yaml',
    'flags.json',
    'logs',
    'postgres',
    'postgres.password',
  ]);
  expect(readdirSync(join(run.dataFolder, '..'))).toEqual(['data']);
  kept(run);
});

test('live, on what was completed: anew; when the service dies under its share, the reads go back to 0 % by themselves; Ctrl-C ends all', async () => {
  const run = startOn(folder ?? '', ...quick, '--rate', '100');
  await run.until(({ event }) => event === 'begun-anew');
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
