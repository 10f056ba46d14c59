import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { banyan } from '#test/support/cli.ts';
import { writeMigrationFiles, type MigrationFiles } from '#test/support/migration-files.ts';
import { startRole, type TestRole } from '#test/support/proxy-role.ts';
import { startUpstream, type Answer, type Upstream } from '#test/support/upstream.ts';

let old: Upstream;
let fresh: Upstream;
let files: MigrationFiles;
let proxy: TestRole;
let answer: Answer;

beforeEach(async () => {
  answer = (_received, response) =>
    response.setHeader('content-type', 'application/json').end('{"from":"new"}');
  old = await startUpstream('old');
  fresh = await startUpstream('new', (received, response) => answer(received, response));
  files = writeMigrationFiles({ old: old.url, new: fresh.url });
  proxy = await startRole(files.config);
});
afterEach(async () => {
  await proxy.role.stop();
  await old.close();
  await fresh.close();
  files.remove();
});

const flags = (...args: string[]): ReturnType<typeof banyan> =>
  banyan('flags', ...args, '--config', files.config);
const from = async (path: string, method = 'GET'): Promise<string> => {
  const response = await fetch(proxy.url + path, { method });
  return ((await response.json()) as { from: string }).from;
};

test('reads go by the share, writes by the stage, the rest to the default target; a change counts while running', async () => {
  expect(await from('/items/1')).toBe('old');
  await flags('share', 'items-reads', '100');
  await flags('stage', 'items-stage', 'shadow');
  await proxy.until((status) => status.migrations['items']?.stage === 'shadow');
  expect([
    await from('/items/1'),
    await from('/items'),
    await from('/items/1', 'PUT'),
    await from('/x'),
  ]).toEqual(['new', 'old', 'old', 'old']);
  await flags('stage', 'items-stage', 'live');
  await proxy.until((status) => status.migrations['items']?.stage === 'live');
  expect([
    await from('/items/1'),
    await from('/items'),
    await from('/items/1', 'PUT'),
    await from('/x'),
  ]).toEqual(['new', 'new', 'new', 'old']);
  await flags('switch', 'items-kill', 'on');
  await proxy.until((status) => status.migrations['items']?.killed === true);
  expect([await from('/items/1'), await from('/items/1', 'PUT')]).toEqual(['old', 'new']);
});

test('a malformed flag file: the last good one stays in force, the error is shown and goes away', async () => {
  await flags('share', 'items-reads', '100');
  await flags('stage', 'items-stage', 'shadow');
  await proxy.until((status) => status.migrations['items']?.stage === 'shadow');
  const good = readFileSync(files.flags, 'utf8');
  writeFileSync(files.flags, '{ "flags": ');
  const stale = await proxy.until((status) => status.flags.state === 'stale');
  expect(stale.flags.lastError).toContain('flags.json');
  expect(await from('/items/1')).toBe('new');
  writeFileSync(files.flags, good);
  const current = await proxy.until((status) => status.flags.state === 'current');
  expect(current.flags.lastError).toBeUndefined();
});

test('the status counts what went where, and why', async () => {
  await from('/items/1');
  await from('/x');
  const { traffic, state, running } = await proxy.until((status) => status.traffic.requests === 2);
  expect({ state, running }).toEqual({ state: 'ready', running: 0 });
  expect(traffic.ways).toMatchObject([
    { route: 'item-read', target: 'old', requests: 1, reasons: { stage: 1 } },
    { route: 'unmatched', target: 'old', requests: 1, reasons: { unmatched: 1 } },
  ]);
});

test('a drain answers what runs, closes the connection, fails readiness and takes no new request', async () => {
  await flags('stage', 'items-stage', 'live');
  await proxy.until((status) => status.migrations['items']?.stage === 'live');
  expect((await fetch(`${proxy.admin}/readyz`)).status).toBe(200);
  const release = Promise.withResolvers<void>();
  answer = (_received, response) => void release.promise.then(() => response.end('{"from":"new"}'));
  const slow = fetch(`${proxy.url}/items/1`);
  while (fresh.received.length === 0) await delay(5);
  const stopped = proxy.role.stop();
  const ready = await fetch(`${proxy.admin}/readyz`);
  expect(ready.status).toBe(503);
  expect(await ready.json()).toEqual({ status: 'not-ready', reason: 'draining' });
  await delay(50);
  await expect(fetch(`${proxy.url}/items/2`)).rejects.toThrow();
  release.resolve();
  const answered = await slow;
  expect(answered.status).toBe(200);
  expect(answered.headers.get('connection')).toBe('close');
  await answered.arrayBuffer();
  await stopped;
});

test('a dead service gives 502 for its share alone, and none once the share is back at 0', async () => {
  await flags('share', 'items-reads', '50');
  await flags('stage', 'items-stage', 'shadow');
  await proxy.until((status) => status.migrations['items']?.stage === 'shadow');
  await fresh.close();
  const statuses = async (): Promise<number[]> =>
    Promise.all(
      Array.from({ length: 60 }, async (_none, id) => (await fetch(`${proxy.url}/items/${id}`)).status),
    );
  const broken = await statuses();
  expect(new Set(broken)).toEqual(new Set([200, 502]));
  const version = (await proxy.status()).flags.version;
  await flags('share', 'items-reads', '0');
  await proxy.until((status) => status.flags.version > version);
  expect(new Set(await statuses())).toEqual(new Set([200]));
});

test('the admin port answers reading requests alone, and asks for its token where one is set', async () => {
  expect((await fetch(`${proxy.admin}/healthz`)).status).toBe(200);
  expect((await fetch(`${proxy.admin}/nothing`)).status).toBe(404);
  expect((await fetch(`${proxy.admin}/status`, { method: 'POST' })).status).toBe(405);
  expect((await fetch(`${proxy.admin}/constructor`)).status).toBe(404);

  const token = 'an-admin-token-of-length';
  const guarded = writeMigrationFiles();
  writeFileSync(
    guarded.config,
    readFileSync(guarded.config, 'utf8').replace('admin: { port: 0 }', `admin: { port: 0, token: ${token} }`),
  );
  const role = await startRole(guarded.config);
  expect((await fetch(`${role.admin}/readyz`)).status).toBe(200);
  expect((await fetch(`${role.admin}/status`)).status).toBe(401);
  expect((await fetch(`${role.admin}/status`, { headers: { authorization: 'Bearer wrong' } })).status).toBe(
    401,
  );
  expect(
    (await fetch(`${role.admin}/status`, { headers: { authorization: `Bearer ${token}` } })).status,
  ).toBe(200);
  await role.role.stop();
  guarded.remove();
});

test('a port in use: one clear message, and nothing is left open', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  for (const listener of ['listen', 'admin']) {
    const busy = writeMigrationFiles();
    writeFileSync(
      busy.config,
      readFileSync(busy.config, 'utf8').replace(`${listener}: { port: 0 }`, `${listener}: { port: ${port} }`),
    );
    await expect(startRole(busy.config)).rejects.toThrow(
      new RegExp(`cannot listen on 127.0.0.1:${port} \\(EADDRINUSE\\): another process`),
    );
    busy.remove();
  }
  taken.close();
  await once(taken, 'close');
});
