import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { parseConfig } from '#proxy/config/read.ts';
import type { Config } from '#proxy/config/schema.ts';
import { writeMigrationFiles } from '#test/support/migration-files.ts';

function parsed(more: string): Config {
  const files = writeMigrationFiles({ more: `${more}\n` });
  const text = readFileSync(files.config, 'utf8');
  files.remove();
  return parseConfig(text, { file: files.config, environment: {} });
}

test('without state nothing is kept but in memory, for seven days', () => {
  const { state, shadow } = parsed('');
  expect(state.url).toBeUndefined();
  expect(shadow.retention).toBe(7 * 24 * 3_600_000);
  expect(parsed('shadow: { retention: 12h }').shadow.retention).toBe(12 * 3_600_000);
});

test.each(['0h', '367d', '7', '1w', '1.5d'])('a retention of %s is refused', (retention) => {
  expect(() => parsed(`shadow: { retention: '${retention}' }`)).toThrow(/hours or days|between 1h and 366d/);
});

test('a wrong state URL is refused, and its password is not shown', () => {
  for (const url of ['mysql://a:hunter2@db/x', 'postgres://a:hunter2@db', 'db'])
    expect(() => parsed(`state: { url: '${url}' }`)).toThrow(
      /postgres:\/\/role:password@host:port\/database/,
    );
  try {
    parsed(`state: { url: 'mysql://a:hunter2@db/x' }`);
  } catch (error) {
    expect(String(error)).not.toContain('hunter2');
    expect(String(error)).toContain('[hidden]');
  }
  expect.assertions(5);
});
