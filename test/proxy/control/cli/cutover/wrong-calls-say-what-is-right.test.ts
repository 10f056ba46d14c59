import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { banyan } from '#test/support/cli.ts';
import { writeMigrationFiles, type MigrationFiles } from '#test/support/migration-files.ts';
import { secondPair, type TestPair } from '../../../cutover/preflight/harness.ts';
import { writePairFiles, type PairFiles } from './pair-files.ts';

let pair: TestPair;
let files: PairFiles;
let bare: MigrationFiles;

beforeAll(async () => {
  pair = await secondPair();
  files = writePairFiles(pair);
  bare = writeMigrationFiles();
});
afterAll(async () => {
  files.remove();
  bare.remove();
  await pair.drop();
});

const cases: readonly (readonly [string, readonly string[], string])[] = [
  [
    'an unknown migration',
    ['status', '--migration', 'nothing'],
    'there is no migration "nothing" with data; there are: archive',
  ],
  [
    'an unknown group',
    ['verify', '--group', 'nothing'],
    'there is no group nothing in archive; there are: documents, devices',
  ],
  ['a sample that is no number', ['preflight', '--sample', 'all'], 'Write a whole number'],
  ['uninstalling without a terminal', ['uninstall'], 'write --yes where you mean it'],
  ['an id that is none', ['parked', 'skip', 'x1'], '"x1" is no id'],
  ['no id at all', ['parked', 'retry'], 'write --all'],
  [
    'a report that is not there',
    ['repair', '--report', 'nowhere.json'],
    'there is no file nowhere.json; write one with',
  ],
  ['a mode that is none', ['verify', '--mode', 'deep'], 'Allowed choices are live, snapshot'],
];

test.each(cases)('%s', async (_name, args, told) => {
  const { code, error } = await banyan('cutover', ...args, '--config', files.config);
  expect({ code, error }).toEqual({ code: 2, error: expect.stringContaining(told) });
});

test('a configuration without data: how to write a first one', async () => {
  const { code, error } = await banyan('cutover', 'status', '--config', bare.config);
  expect({ code, error }).toEqual({ code: 2, error: expect.stringContaining('banyan cutover propose') });
  expect(await banyan('mover', '--config', bare.config)).toMatchObject({ code: 2 });
});

test('propose: the same database twice; verify: a report that can’t be written, told before the work', async () => {
  const { url } = pair.monolith;
  const twice = await banyan('cutover', 'propose', '--monolith', url, '--service', url);
  expect(twice).toMatchObject({ code: 2, error: expect.stringContaining('name two databases') });
  const verified = await banyan('cutover', 'verify', '--config', files.config, '-o', '/nowhere/report.json');
  expect(verified).toMatchObject({
    code: 2,
    error: 'banyan: /nowhere/report.json cannot be written (ENOENT); name another with --output\n',
  });
});

test('propose: one URL alone, a URL of another kind, a file that is there', async () => {
  const { monolith, service } = pair;
  expect(await banyan('cutover', 'propose', '--monolith', monolith.url)).toMatchObject({ code: 2 });
  expect(
    (await banyan('cutover', 'propose', '--monolith', 'mysql://x/y', '--service', service.url)).error,
  ).toContain('--monolith must be a URL of PostgreSQL');
  writeFileSync(`${files.config}.draft`, '');
  const kept = await banyan(
    'cutover',
    'propose',
    '--monolith',
    monolith.url,
    '--service',
    service.url,
    '-o',
    `${files.config}.draft`,
  );
  expect(kept).toMatchObject({ code: 2, error: expect.stringContaining('is there already') });
});

test('a database that is away: exit 1, its place, and no password', async () => {
  const url = 'postgres://someone:hush@127.0.0.1:1/away';
  const { code, error } = await banyan('cutover', 'propose', '--monolith', url, '--service', `${url}-too`);
  expect(code).toBe(1);
  expect(error).toMatch(/127\.0\.0\.1:1\/away(-too)? cannot be reached/);
  expect(error).not.toContain('hush');
});

test('preflight with errors: exit 1', async () => {
  await pair.service.query('drop table measurements');
  const { code, out } = await banyan('cutover', 'preflight', '--config', files.config);
  expect(code).toBe(1);
  expect(out).toContain('It is not ready');
});
