import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { banyan } from '#test/support/cli.ts';
import { writeMigrationFiles, type MigrationFiles } from '#test/support/migration-files.ts';

let files: MigrationFiles;
let file: string;
const names = ['BANYAN_CONFIG', 'BANYAN_ENV_FILE'] as const;

beforeEach(() => {
  for (const name of names) delete process.env[name];
  files = writeMigrationFiles();
  file = join(files.config, '../steer.env');
  writeFileSync(file, `# of a run\nBANYAN_CONFIG='${files.config}'\n`);
});
afterEach(() => {
  for (const name of names) delete process.env[name];
  files.remove();
});

test('what the file says counts for the options of the command, wherever the file is named', async () => {
  for (const args of [
    ['--env-from', file, 'check'],
    ['check', '--env-from', file],
  ]) {
    expect(await banyan(...args)).toMatchObject({ code: 0, error: '' });
    delete process.env['BANYAN_CONFIG'];
  }
  process.env['BANYAN_ENV_FILE'] = file;
  expect(await banyan('check')).toMatchObject({ code: 0 });
});

test('the environment itself comes first', async () => {
  process.env['BANYAN_CONFIG'] = '/nowhere/banyan.yaml';
  const { code, error } = await banyan('--env-from', file, 'check');
  expect([code, error.includes('/nowhere/banyan.yaml')]).toEqual([2, true]);
});

test('a file that is not there is a wrong call, and says what to name', async () => {
  const { code, error } = await banyan('--env-from', join(file, '../none.env'), 'check');
  expect(code).toBe(2);
  expect(error).toMatch(
    /none\.env: there is no such file; name another with --env-from or BANYAN_ENV_FILE\n$/,
  );
});

test('an empty name is none', async () => {
  process.env['BANYAN_ENV_FILE'] = '';
  process.env['BANYAN_CONFIG'] = files.config;
  expect(await banyan('check')).toMatchObject({ code: 0 });
});
