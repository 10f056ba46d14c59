import { expect, test } from '@jest/globals';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog } from '#shared/telemetry/log.ts';

test('an error is logged with its code and stack, without what the database was given', () => {
  const folder = mkdtempSync(join(tmpdir(), 'banyan-log-'));
  const file = join(folder, 'log');
  const fd = openSync(file, 'w');
  const refused = Object.assign(new Error('new row violates check constraint'), {
    code: '23514',
    constraint: 'accounts_email_check',
    detail: 'Failing row contains (1, secret@example.com, scrypt$secret)',
    sql: "insert into accounts values ('secret')",
    parameters: ['secret'],
  });
  const wrapped = new Error('the request failed', { cause: refused });
  createLog({ name: 'test', level: 'info', fd }).error({ err: refused }, 'refused');
  createLog({ name: 'test', level: 'info', fd }).error({ err: wrapped }, 'wrapped');
  closeSync(fd);
  const written = readFileSync(file, 'utf8');
  rmSync(folder, { recursive: true });
  expect(written).not.toContain('secret');
  const lines = written
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { readonly err: Readonly<Record<string, unknown>> });
  expect(lines[0]?.err).toMatchObject({
    type: 'Error',
    message: 'new row violates check constraint',
    code: '23514',
    constraint: 'accounts_email_check',
    stack: expect.stringContaining('logs-no-row-of-a-database'),
  });
  expect(lines[1]?.err['stack']).toContain('caused by: Error: new row violates check constraint');
});
