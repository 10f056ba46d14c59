import { expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLogFile } from '#sample/log-file.ts';

test('a log never grows beyond its bound and keeps the newest lines', () => {
  const folder = mkdtempSync(join(tmpdir(), 'banyan-log-'));
  const path = join(folder, 'a.log');
  openLogFile(path, 100).close();
  const log = openLogFile(path, 100);
  for (let line = 0; line < 200; line += 1) log.write(`line ${line}\n`);
  log.close();
  expect(statSync(path).size).toBeLessThanOrEqual(100);
  expect(statSync(`${path}.1`).size).toBeLessThanOrEqual(100);
  const text = readFileSync(`${path}.1`, 'utf8') + readFileSync(path, 'utf8');
  expect(text).toMatch(/line 198\nline 199\n$/);
  rmSync(folder, { recursive: true });
});
