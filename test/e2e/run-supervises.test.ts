import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { freePort } from '#shared/postgres/embedded.ts';
import { startBanyanRun, type BanyanRun } from '#test/support/banyan-run.ts';
import { writeMigrationFiles, type MigrationFiles } from '#test/support/migration-files.ts';
import { startUpstream, type Upstream } from '#test/support/upstream.ts';

let upstream: Upstream;
let files: MigrationFiles;
let banyan: BanyanRun;

beforeEach(async () => {
  upstream = await startUpstream('old');
  const [port, adminPort] = [await freePort(), await freePort()];
  files = writeMigrationFiles({ old: upstream.url, port, adminPort, more: 'workers: 2\n' });
  banyan = startBanyanRun({ config: files.config, port, adminPort });
});
afterEach(async () => {
  await banyan.kill();
  await upstream.close();
  files.remove();
});

test('a worker that is killed is started again, no count falls, and SIGTERM ends all with exit code 0', async () => {
  const { workers } = await banyan.until(({ workers }) => workers.length === 2);
  for (let sent = 0; sent < 20; sent += 1) expect((await fetch(banyan.url)).status).toBe(200);
  await banyan.until(({ traffic }) => traffic.requests === 20);
  const [victim] = workers;
  process.kill(victim?.pid ?? 0, 'SIGKILL');
  const after = await banyan.until(
    ({ workers }) => workers.length === 2 && workers.every(({ pid }) => pid !== victim?.pid),
  );
  expect(after.traffic.requests).toBe(20);
  expect((await fetch(banyan.url)).status).toBe(200);
  expect(banyan.output()).toContain('worker died; it is started again');
  expect(await banyan.end('SIGTERM')).toBe(0);
  await banyan.allGone(after.workers.map(({ pid }) => pid));
});

test('SIGHUP replaces one worker after the other, and not one request under load is dropped', async () => {
  const before = await banyan.until(({ workers }) => workers.length === 2);
  const agent = new Agent({ connections: 8 });
  const statuses = new Map<number, number>();
  const load = new AbortController();
  const clients = Array.from({ length: 8 }, async () => {
    while (!load.signal.aborted) {
      const { statusCode, body } = await request(banyan.url, { dispatcher: agent });
      await body.dump();
      statuses.set(statusCode, (statuses.get(statusCode) ?? 0) + 1);
    }
  });
  banyan.signal('SIGHUP');
  const old = new Set(before.workers.map(({ pid }) => pid));
  // Regression: what a worker had counted was missing while it drained.
  const counted = [0];
  await banyan.until(({ workers, traffic }) => {
    counted.push(traffic.requests);
    return workers.length === 2 && workers.every(({ pid }) => !old.has(pid));
  });
  await delay(100);
  load.abort();
  await Promise.all(clients);
  await agent.close();
  expect([...statuses.keys()]).toEqual([200]);
  expect(counted).toEqual(counted.toSorted((a, b) => a - b));
  await banyan.allGone([...old]);
});

test('SIGHUP with a wrong configuration replaces nothing and says what is wrong', async () => {
  const before = await banyan.until(({ workers }) => workers.length === 2);
  writeFileSync(
    files.config,
    readFileSync(files.config, 'utf8').replace('defaultTarget: old', 'defaultTarget: nowhere'),
  );
  banyan.signal('SIGHUP');
  while (!banyan.output().includes('nothing was replaced')) await delay(20);
  expect(banyan.output()).toContain('is no target; targets are: old, new');
  const after = await banyan.until(() => true);
  expect(after.workers.map(({ pid }) => pid)).toEqual(before.workers.map(({ pid }) => pid));
});

test('a flag change counts in every worker before the status says so', async () => {
  const before = await banyan.until(({ workers }) => workers.length === 2);
  expect(before.migrations['items']?.stage).toBe('off');
  writeFileSync(files.flags, readFileSync(files.flags, 'utf8').replace('"variation": 0', '"variation": 3'));
  const after = await banyan.until(({ migrations }) => migrations['items']?.stage === 'live');
  expect(after.flags.state).toBe('current');
});

test('when the parent is killed, the workers end by themselves', async () => {
  const { workers } = await banyan.until(({ workers }) => workers.length === 2);
  await banyan.kill();
  await banyan.allGone(workers.map(({ pid }) => pid));
});

test('a port in use is told once, and ends the start with exit code 1', async () => {
  await banyan.until(({ workers }) => workers.length === 2);
  const adminPort = await freePort();
  const second = writeMigrationFiles({
    old: upstream.url,
    port: Number(new URL(banyan.url).port),
    adminPort,
  });
  const other = startBanyanRun({ config: second.config, port: 0, adminPort });
  expect(await other.ended()).toBe(1);
  second.remove();
  expect(other.output().match(/another process has that port/g)).toHaveLength(1);
});
