import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { banyan, type CliResult } from '#test/support/cli.ts';
import { writeLaunchDarklyFiles } from '#test/support/launchdarkly-migration.ts';
import { writeMigrationFiles, type MigrationFiles } from '#test/support/migration-files.ts';

let files: MigrationFiles;

beforeEach(() => {
  files = writeMigrationFiles();
});
afterEach(() => files.remove());

const call = (...args: string[]): Promise<CliResult> => banyan('flags', ...args, '--config', files.config);
const flagData = (): { flags: Record<string, Record<string, unknown>> } =>
  JSON.parse(readFileSync(files.flags, 'utf8')) as ReturnType<typeof flagData>;

test('share, stage and switch change the file and name it, and show shows it', async () => {
  const file = `flag file: ${files.flags}\n`;
  expect((await call('share', 'items-reads', '12.5 %')).out).toBe(`items-reads: 0 % → 12.5 %\n${file}`);
  expect((await call('share', 'items-reads', '12.5', '%')).out).toBe(
    `items-reads is 12.5 % already\n${file}`,
  );
  expect((await call('stage', 'items-stage', 'shadow')).out).toBe(`items-stage: off → shadow\n${file}`);
  expect((await call('switch', 'items-kill', 'on')).out).toBe(`items-kill: off → on\n${file}`);
  expect(JSON.parse((await call('show', '--json')).out)).toEqual({
    file: files.flags,
    flags: [
      { flag: 'items-stage', kind: 'stage', value: 'shadow' },
      { flag: 'items-kill', kind: 'kill switch', value: 'on' },
      { flag: 'items-reads', kind: 'share', value: '12.5 %' },
    ],
    notes: [],
  });
  const { out } = await call('show');
  expect(out).toContain('items-kill   kill switch  on');
  expect(out.endsWith(file)).toBe(true);
});

test('a migration is enough to move all of its read flags, in one write', async () => {
  expect((await call('share', '--migration', 'items', '40')).out).toBe(
    `items-reads: 0 % → 40 %\nflag file: ${files.flags}\n`,
  );
});

test('as JSON: the file, and what each flag was and is', async () => {
  const { out } = await call('share', 'items-reads', '7', '--json');
  expect(JSON.parse(out)).toEqual({ file: files.flags, changes: [{ flag: 'items-reads', from: 0, to: 7 }] });
});

test('that targets and rules come before the share is shown', async () => {
  const data = flagData();
  Object.assign(data.flags['items-reads'] ?? {}, {
    rules: [
      {
        clauses: [{ contextKind: 'routing-key', attribute: 'key', op: 'in', values: ['7'] }],
        variation: 0,
      },
    ],
  });
  writeFileSync(files.flags, JSON.stringify(data));
  expect((await call('show')).out).toContain('items-reads  share        0 %, after targets and rules');
});

test.each([
  [['share', 'items-reads', '101'], '"101" is no share: end with a number from 0 to 100'],
  [['share', 'items-reads', '1.2345'], '"1.2345" is no share'],
  [['share', 'items-reads'], '"items-reads" is no share'],
  [['share', '5'], 'name the read flags before the share, or a migration with --migration'],
  [['share', '--migration', 'items', 'items-reads', '5'], 'name either flags (items-reads) or --migration'],
  [['share', '--migration', 'toString', '5'], 'there is no migration "toString"; there are: items'],
  [['share', 'items-kill', '50'], '"items-kill" is a kill switch: use "banyan flags switch"'],
  [['share', 'items-reads', 'items-stage', '50'], '"items-stage" is a stage: use "banyan flags stage"'],
  [['switch', 'items-reads', 'on'], 'use "banyan flags share"'],
  [['share', 'nope', '5'], 'there is no flag "nope"'],
  [['stage', 'items-stage', 'alive'], 'Allowed choices are off'],
  [['stage', 'items-reads', 'off'], 'items-reads'],
  [['switch', 'items-kill', 'maybe'], 'Allowed choices are on, off'],
])('%j is refused with exit 2, says why and changes nothing', async (args, why) => {
  const before = readFileSync(files.flags, 'utf8');
  const { code, error } = await call(...args);
  expect(code).toBe(2);
  expect(error).toContain(why);
  expect(readFileSync(files.flags, 'utf8')).toBe(before);
});

test('flags that come from LaunchDarkly are not changed here', async () => {
  files.remove();
  files = writeLaunchDarklyFiles({ url: 'http://127.0.0.1:1' });
  for (const args of [['show'], ['switch', 'items-kill', 'on']]) {
    expect(await call(...args)).toEqual({
      code: 2,
      out: '',
      error: 'banyan: the flags come from LaunchDarkly: show and change them there\n',
    });
  }
});

// Regression: these ended with a bare message of the operating system, and exit code 2 as if the call had been wrong.
describe('what the file system refuses is told with a remedy and exit code 1', () => {
  test('a file that is not there', async () => {
    rmSync(files.flags);
    for (const args of [['show'], ['switch', 'items-kill', 'on']]) {
      const { code, error } = await call(...args);
      expect(code).toBe(1);
      expect(error).toContain(files.flags);
      expect(error).toContain('there is no such file: write it, or correct its path');
    }
  });

  test('a folder that may not be written', async () => {
    chmodSync(dirname(files.flags), 0o555);
    const isRoot = process.getuid?.() === 0;
    // Root may write everywhere, so it becomes somebody else for a moment.
    if (isRoot) process.seteuid?.(65534);
    try {
      const { code, error } = await call('switch', 'items-kill', 'on');
      expect(code).toBe(1);
      expect(error).toContain('cannot be edited (EACCES): let this user write into');
    } finally {
      if (isRoot) process.seteuid?.(0);
      chmodSync(dirname(files.flags), 0o755);
    }
  });
});
