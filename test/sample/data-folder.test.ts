import { afterEach, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDataFolder } from '#sample/data-folder.ts';

const made: string[] = [];

function place(): string {
  const folder = mkdtempSync(join(tmpdir(), 'banyan-data-test-'));
  chmodSync(folder, 0o755);
  made.push(folder);
  return join(folder, 'data');
}

afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true });
});

test('what was seeded is known to the next run, until it is forgotten', () => {
  const path = place();
  const first = openDataFolder(path);
  expect(first.seeded()).toBeUndefined();
  first.markSeeded({ scale: 0.1, seed: 2, fingerprint: 'f' });
  first.release();

  const second = openDataFolder(path);
  expect(second.seeded()).toEqual({ scale: 0.1, seed: 2, fingerprint: 'f' });
  writeFileSync(join(path, 'left-over'), '');
  second.forget();
  expect(second.seeded()).toBeUndefined();
  expect(existsSync(join(path, 'left-over'))).toBe(false);
  second.release();
});

test('two runs cannot have one folder at the same time', () => {
  const path = place();
  const first = openDataFolder(path);
  expect(() => openDataFolder(path)).toThrow(new RegExp(`process ${process.pid} is running the sample`));
  first.release();
  openDataFolder(path).release();
});

test('the lock of a run that was killed is taken over', () => {
  const path = place();
  openDataFolder(path).release();
  const { pid } = spawnSync(process.execPath, ['--version']);
  writeFileSync(join(path, 'running.lock'), String(pid));
  openDataFolder(path).release();
});

test("a folder with somebody else's files is left alone", () => {
  const path = place();
  mkdirSync(path);
  writeFileSync(join(path, 'thesis.doc'), 'years of work');
  expect(() => openDataFolder(path)).toThrow(/is not empty and not of an earlier run: .* --data/);
  expect(readdirSync(path)).toEqual(['thesis.doc']);
});

test('a mark that was cut off counts as nothing seeded', () => {
  const path = place();
  openDataFolder(path).release();
  writeFileSync(join(path, 'banyan-sample.json'), '{"seeded": {"sca');
  const folder = openDataFolder(path);
  expect(folder.seeded()).toBeUndefined();
  folder.release();
});

const asRoot = process.getuid?.() === 0 ? test : test.skip;
asRoot("a folder that PostgreSQL's user cannot reach is refused before anything is made", () => {
  const path = place();
  chmodSync(join(path, '..'), 0o700);
  expect(() => openDataFolder(path)).toThrow(/may not pass to .* --data/);
  expect(existsSync(path)).toBe(false);
});

test('a file, or a place where no folder can be made, is told and not tried for ever', () => {
  const file = place();
  writeFileSync(file, '');
  expect(() => openDataFolder(file)).toThrow(/data is a file: choose a folder/);
  expect(() => openDataFolder(join(file, 'below'))).toThrow(/data is a file: choose a folder/);
  if (process.platform === 'linux') {
    expect(() => openDataFolder('/proc/banyan/data')).toThrow(
      /cannot be made \(ENOENT\): choose another folder/,
    );
  }
});
