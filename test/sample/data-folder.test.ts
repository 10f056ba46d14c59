import { afterEach, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dataPlaces, openDataFolder, type DataFolder } from '#sample/data-folder.ts';
import { openLogFile } from '#sample/log-file.ts';

const made: string[] = [];

function place(): string {
  const folder = mkdtempSync(join(tmpdir(), 'banyan-data-test-'));
  chmodSync(folder, 0o755);
  made.push(folder);
  return join(folder, 'data');
}

const open = (path: string): Promise<DataFolder> => openDataFolder(dataPlaces(path));

afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true });
});

test('what was seeded is known to the next run, until it is forgotten', async () => {
  const path = place();
  const first = await open(path);
  expect(first.seeded()).toBeUndefined();
  first.markSeeded({ scale: 0.1, seed: 2, fingerprint: 'f' });
  first.release();

  const second = await open(path);
  expect(second.seeded()).toEqual({ scale: 0.1, seed: 2, fingerprint: 'f' });
  writeFileSync(join(path, 'left-over'), '');
  second.forget();
  expect(second.seeded()).toBeUndefined();
  expect(existsSync(join(path, 'left-over'))).toBe(false);
  second.release();
});

test('two runs cannot have one folder at the same time', async () => {
  const path = place();
  const first = await open(path);
  await expect(open(path)).rejects.toThrow(new RegExp(`process ${process.pid} is running the sample`));
  first.release();
  (await open(path)).release();
});

test('the lock of a run that was killed is taken over', async () => {
  const path = place();
  (await open(path)).release();
  const { pid } = spawnSync(process.execPath, ['--version']);
  writeFileSync(join(path, 'running.lock'), String(pid));
  (await open(path)).release();
});

// Regression: two that found the same dead holder could both remove "its" lock, the second one that of the first.
test('of many that find the lock of a dead run, one gets the folder', async () => {
  const path = place();
  (await open(path)).release();
  const { pid } = spawnSync(process.execPath, ['--version']);
  for (let round = 0; round < 10; round += 1) {
    writeFileSync(join(path, 'running.lock'), String(pid));
    const all = await Promise.allSettled(Array.from({ length: 8 }, () => open(path)));
    const winners = all.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    expect(winners).toHaveLength(1);
    winners[0]?.release();
  }
  expect(readdirSync(path).toSorted()).toEqual(['banyan-sample.json', 'logs']);
});

test("a folder with somebody else's files is left alone", async () => {
  const path = place();
  mkdirSync(path);
  writeFileSync(join(path, 'thesis.doc'), 'years of work');
  await expect(open(path)).rejects.toThrow(/is not empty and not of an earlier run: .* --data/);
  expect(readdirSync(path)).toEqual(['thesis.doc']);
});

test('a mark that was cut off counts as nothing seeded', async () => {
  const path = place();
  (await open(path)).release();
  writeFileSync(join(path, 'banyan-sample.json'), '{"seeded": {"sca');
  const folder = await open(path);
  expect(folder.seeded()).toBeUndefined();
  folder.release();
});

const asRoot = process.getuid?.() === 0 ? test : test.skip;
asRoot("a folder that PostgreSQL's user cannot reach is refused before anything is made", async () => {
  const path = place();
  chmodSync(join(path, '..'), 0o700);
  await expect(open(path)).rejects.toThrow(/may not pass to .* --data/);
  expect(existsSync(path)).toBe(false);
});

test('a file, or a place where no folder can be made, is told and not tried for ever', async () => {
  const file = place();
  writeFileSync(file, '');
  await expect(open(file)).rejects.toThrow(/data is a file: choose a folder/);
  await expect(open(join(file, 'below'))).rejects.toThrow(/data is a file: choose a folder/);
  if (process.platform === 'linux') {
    await expect(open('/proc/banyan/data')).rejects.toThrow(
      /cannot be made \(ENOENT\): choose another folder/,
    );
  }
});

/** Root may write everywhere, so it becomes somebody else for a moment. */
async function asOther(work: () => Promise<void>): Promise<void> {
  if (process.getuid?.() !== 0) return work();
  process.seteuid?.(65534);
  try {
    await work();
  } finally {
    process.seteuid?.(0);
  }
}

test('a folder, or a file in it, that we may not write is told with what to do', async () => {
  const path = place();
  (await open(path)).release();
  const log = join(path, 'logs', 'proxy.log');
  writeFileSync(log, '');
  chmodSync(log, 0o444);
  chmodSync(path, 0o555);
  await asOther(async () => {
    await expect(open(path)).rejects.toThrow(
      /running\.lock cannot be written \(EACCES\): .*choose another folder with --data$/,
    );
    expect(() => openLogFile(log)).toThrow(
      /proxy\.log cannot be written \(EACCES\): it belongs to another user/,
    );
  });
  chmodSync(path, 0o755);
});
