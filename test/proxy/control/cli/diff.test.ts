import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '#proxy/config/read.ts';
import { serveAdmin } from '#proxy/control/admin.ts';
import type { ShadowReport } from '#proxy/shadow/report/report.types.ts';
import { createPostgresStore } from '#proxy/shadow/report/postgres-store.ts';
import { intervalJudge } from '#test/proxy/shadow/report/interval-judge.ts';
import type { Served } from '#shared/http/serve.ts';
import { createLog } from '#shared/telemetry/log.ts';
import { delta } from '#test/proxy/shadow/report/deltas.ts';
import { richStore } from '#test/proxy/shadow/report/rich-report.ts';
import { banyan, type CliResult } from '#test/support/cli.ts';
import { createTestDatabase } from '#test/support/database.ts';
import { writeMigrationFiles, type MigrationFiles } from '#test/support/migration-files.ts';

const log = createLog({ name: 'test', level: 'silent' });
const folder = mkdtempSync(join(tmpdir(), 'banyan-diff-'));
let files: MigrationFiles;
let served: Served;
beforeAll(async () => {
  files = writeMigrationFiles();
  served = await serveAdmin({
    host: '127.0.0.1',
    port: 0,
    notReady: () => undefined,
    status: async () => undefined,
    shadow: { store: richStore(), config: readConfig(files.config, {}) },
    log,
  });
});
afterAll(async () => {
  await served.close(0);
  files.remove();
  rmSync(folder, { recursive: true });
});

const diff = (...args: string[]): Promise<CliResult> => banyan('diff', '--admin', served.url, ...args);

test('the report names coverage, rates and findings; without a terminal it has no colours', async () => {
  const { code, out } = await diff('--route', 'item-read');
  expect(code).toBe(0);
  expect(out).toContain('compared 91.2 % of 13,536, skipped: 6 % answer over size, 2 % queue full');
  expect(out).toContain('different 38: 0.31 % (0.22–0.42 %)');
  expect(out).toContain('$.items[*].price.amount');
  expect(out).not.toContain('\u001B');
  expect(out).not.toContain('item-list');
});

test('as JSON, as NDJSON and as a page for its owner alone', async () => {
  expect((JSON.parse((await diff('--json')).out) as ShadowReport).routes).toHaveLength(3);
  expect((await diff('--ndjson')).out.trimEnd().split('\n')).toHaveLength(5);
  const page = join(folder, 'report.html');
  expect((await diff('--html', page)).error).toContain(page);
  expect(readFileSync(page, 'utf8')).toContain('<!doctype html>');
  expect(statSync(page).mode & 0o077).toBe(0);
});

test.each([
  [['--fail-over', '0.1%'], 1, 'items/item-read differs in 0.31 % (0.22–0.42 %), which is over 0.1 %'],
  [['--fail-over', '0.004'], 0, '2 routes differ in no more than 0.4 %'],
  [
    ['--fail-over', '1%', '--min-compared', '5000'],
    3,
    'not enough compared: items/item-list has 4,020 pairs',
  ],
  [['--fail-over', '1%', '--route', 'item-write'], 3, 'not enough compared: nothing was'],
  [['--fail-over', '1%', '--route', 'nothing'], 3, 'not enough compared: nothing was'],
])('a pipeline goes by the exit code: %j → %i', async (args, wanted, told) => {
  const { code, error } = await diff(...args);
  expect(error).toContain(told);
  expect(code).toBe(wanted);
});

test('a finding comes with its samples, commands and a rule', async () => {
  const report = JSON.parse((await diff('--json')).out) as ShadowReport;
  const id = report.routes[1]?.findings.find(({ kind }) => kind === 'type')?.id ?? '';
  const { code, out } = await diff('--finding', id);
  expect(code).toBe(0);
  expect(out).toContain('Send it again');
  expect(out).toContain('"${AUTHORIZATION:?is masked; set it first}"');
  expect(out).toContain('Make a rule of this');
  expect(await diff('--finding', '0123456789abcdef')).toMatchObject({ code: 1 });
});

test.each([
  [['--fail-over', 'some'], '0.1% or 0.001'],
  [['--fail-over', '101%'], '0.1% or 0.001'],
  [['--since', 'yesterday'], '30m, 2h, 7d'],
  [['--finding', '../status'], '16 digits'],
  [['--ndjson', '--json'], 'cannot be used with'],
  [['--from-state'], 'cannot be used with'],
])('a wrong call %j is exit 2 and says why', async (args, why) => {
  const { code, error } = await diff(...args);
  expect(error).toContain(why);
  expect(code).toBe(2);
});

test('no proxy there, and none that can be guessed', async () => {
  const none = await banyan('diff', '--admin', 'http://127.0.0.1:1');
  expect(none.code).toBe(1);
  expect(none.error).toContain('no proxy answers at http://127.0.0.1:1');
  expect(await banyan('diff', '--config', files.config)).toMatchObject({ code: 2 });
  expect(await banyan('diff', '--from-state', '--config', files.config)).toMatchObject({ code: 2 });
});

test('--from-state needs no proxy, only the state database', async () => {
  const database = await createTestDatabase('empty');
  const state = writeMigrationFiles({ more: `state: { url: '${database.url}' }\n` });
  const now = Date.now();
  const store = createPostgresStore({
    url: database.url,
    retention: 3_600_000,
    judge: intervalJudge,
    log,
  });
  store.add(delta({ to: now, findings: [] }));
  await store.close();
  const { code, out } = await banyan('diff', '--from-state', '--json', '--config', state.config);
  expect([code, (JSON.parse(out) as ShadowReport).routes[0]?.coverage.compared]).toEqual([0, 8]);
  state.remove();
  await database.drop();
});
