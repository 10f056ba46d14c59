import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setShares } from '#flags/edit-file.ts';
import { readShares } from '#sample/in-force.ts';
import { initialFlags } from '#sample/migration.ts';

const readFlags = ['users-read-account', 'users-read-profile'];
let file: string;

beforeEach(() => {
  file = join(mkdtempSync(join(tmpdir(), 'banyan-in-force-')), 'flags.json');
  copyFileSync(initialFlags, file);
});
afterEach(() => rmSync(join(file, '..'), { recursive: true }));

test('the shares of all read flags, from the lowest to the highest', async () => {
  expect(readShares(file, { readFlags })).toEqual({ least: 0, most: 0, exceptions: false });
  await setShares({ file, flags: ['users-read-profile'], percent: 40 });
  expect(readShares(file, { readFlags })).toEqual({ least: 0, most: 40, exceptions: false });
});

test('a file that is malformed, gone, or lacks one of them has none', () => {
  expect(readShares(file, { readFlags: [...readFlags, 'users-read-nothing'] })).toBeUndefined();
  writeFileSync(file, '{');
  expect(readShares(file, { readFlags })).toBeUndefined();
  rmSync(file);
  expect(readShares(file, { readFlags })).toBeUndefined();
});
