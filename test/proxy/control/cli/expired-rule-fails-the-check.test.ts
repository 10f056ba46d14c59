import { afterEach, expect, test } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { readConfig } from '#proxy/config/read.ts';
import { banyan } from '#test/support/cli.ts';
import { writeMigrationFiles } from '#test/support/migration-files.ts';

const files = writeMigrationFiles();

afterEach(() => files.remove());

test('banyan check fails on a rule whose last day is past; a proxy still reads the file', async () => {
  const text = readFileSync(files.config, 'utf8');
  const rule = `{ path: $.a, ignore: true, owner: team, reason: known, expires: 2020-01-31 }`;
  const withRule = text.replace('    routes:', `    shadow: { rules: [${rule}] }\n    routes:`);
  writeFileSync(files.config, withRule);
  const checked = await banyan('check', '--config', files.config);
  expect(checked.code).not.toBe(0);
  expect(checked.error).toContain('is past: the rule of team does nothing any more');
  expect(readConfig(files.config, {}).migrations['items']?.shadow.rules).toHaveLength(1);
  writeFileSync(files.config, withRule.replace('2020-01-31', '2999-01-31'));
  expect(await banyan('check', '--config', files.config)).toMatchObject({ code: 0, error: '' });
});
