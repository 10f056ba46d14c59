import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import * as fc from 'fast-check';
import { writeEnvFile } from '#sample/env-file.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'banyan-env-'));
  path = join(folder, 'banyan.env');
});
afterEach(() => rmSync(folder, { recursive: true }));

test('it is this user’s alone, also where an older one was everybody’s, and goes away with the run', () => {
  writeFileSync(path, 'OLD=1', { mode: 0o666 });
  const remove = writeEnvFile(path, { A_URL: 'postgres://a:secret@127.0.0.1:5/b' });
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(parseEnv(readFileSync(path, 'utf8'))).toEqual({ A_URL: 'postgres://a:secret@127.0.0.1:5/b' });
  remove();
  expect(existsSync(path)).toBe(false);
  remove();
});

test('every address and folder comes back as it was', () => {
  const character = fc.constantFrom(...Array.from('aZ09 /\\:@-_.#=$"\'äé%&?'));
  fc.assert(
    fc.property(fc.string({ unit: character, maxLength: 40 }), (value) => {
      writeEnvFile(path, { VALUE: value, NEXT: 'x' });
      expect(parseEnv(readFileSync(path, 'utf8'))).toEqual({ VALUE: value, NEXT: 'x' });
    }),
    { numRuns: 200 },
  );
});
