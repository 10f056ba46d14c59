import {
  appendFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Flags } from '#flags/client.ts';
import {
  fileData,
  openFile,
  recordingLog,
  stageData,
  stageFlag,
  testFolder,
  until,
  type TestFolder,
} from './flag-files.ts';
import { isWatched } from './watched-folders.ts';

const dualwrite = fileData({ stage: stageData('dualwrite') });
const live = fileData({ stage: stageData('live') });

describe('the flag file, while it is followed', () => {
  let files: TestFolder;
  let flags: Flags | undefined;

  beforeEach(() => {
    files = testFolder();
    files.write(fileData());
  });

  afterEach(async () => {
    await flags?.close();
    files.remove();
  });

  const stageIs = (stage: string) => () => flags?.stage(stageFlag) === stage;

  it('counts at once when it is replaced by rename', async () => {
    flags = await openFile(files.path);
    expect(flags.status()).toMatchObject({ source: 'file', state: 'current', version: 1 });
    files.write(dualwrite);
    const status = await until(flags, stageIs('dualwrite'));
    expect(status).toMatchObject({ state: 'current', version: 2, lastError: undefined });
    files.write(live);
    await until(flags, stageIs('live'));
  });

  it('is not taken for broken while a writer empties and fills it', async () => {
    const { log, lines } = recordingLog();
    flags = await openFile(files.path, { log, graceMs: 10_000 });
    const text = JSON.stringify(live);
    truncateSync(files.path);
    appendFileSync(files.path, text.slice(0, 100));
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(flags.status()).toMatchObject({ state: 'current', version: 1 });
    appendFileSync(files.path, text.slice(100));
    await until(flags, stageIs('live'));
    expect(lines.filter(({ level }) => level >= 40)).toEqual([]);
  });

  it('stays in force as it was while it is malformed, says so once, and counts again when it is mended', async () => {
    const { log, lines } = recordingLog();
    flags = await openFile(files.path, { log });
    files.write('{ "flags": ');
    const broken = await until(flags, ({ state }) => state === 'stale');
    expect(broken.lastError).toMatch(
      /flags\.json cannot be used: 1 problem\n {2}must be JSON: Unexpected end/,
    );
    expect(flags.stage(stageFlag)).toBe('shadow');
    files.write({ flags: { stage: { ...stageData('live'), fallthrough: { variation: 9 } }, reads: 1 } });
    const other = await until(flags, ({ lastError }) => lastError !== broken.lastError);
    expect(other.lastError).toContain(
      'flags.stage.fallthrough.variation = 9: must be an index into variations: 0 to 5',
    );
    expect(other.lastError).toContain('flags.reads = 1: must be a flag');
    expect(other.lastError).toContain('flags.kill: is missing: the configuration names it as a kill switch');
    expect(other.since).toEqual(broken.since);
    files.write(live);
    const mended = await until(flags, stageIs('live'));
    await until(flags, ({ state }) => state === 'current');
    expect(mended.version).toBe(2);
    expect(flags.status().lastError).toBeUndefined();
    expect(lines.filter(({ level }) => level === 40)).toHaveLength(2);
  });

  it('stays in force while it is missing, and is found again with new or with the same content', async () => {
    flags = await openFile(files.path);
    unlinkSync(files.path);
    const gone = await until(flags, ({ state }) => state === 'stale');
    expect(gone.lastError).toContain('there is no such file');
    expect(flags.stage(stageFlag)).toBe('shadow');
    files.write(fileData());
    expect(await until(flags, ({ state }) => state === 'current')).toMatchObject({
      version: 1,
      lastError: undefined,
    });
    unlinkSync(files.path);
    await until(flags, ({ state }) => state === 'stale');
    files.write(live);
    await until(flags, stageIs('live'));
  });

  it('is followed when its whole folder is swapped', async () => {
    flags = await openFile(files.path, { pollMs: 10 });
    renameSync(files.folder, `${files.folder}-old`);
    await until(flags, ({ state }) => state === 'stale');
    mkdirSync(files.folder);
    files.write(live);
    await until(flags, stageIs('live'));
    files.write(dualwrite);
    await until(flags, stageIs('dualwrite'));
    expect(isWatched(files.folder)).not.toBe(false);
    expect(isWatched(`${files.folder}-old`)).not.toBe(true);
    rmSync(`${files.folder}-old`, { recursive: true });
  });

  it('is followed through links that are swapped, as Kubernetes mounts it', async () => {
    const version = (name: string, data: unknown): void => {
      mkdirSync(join(files.folder, name));
      writeFileSync(join(files.folder, name, 'flags.json'), JSON.stringify(data));
      symlinkSync(name, join(files.folder, '..data.new'));
      renameSync(join(files.folder, '..data.new'), join(files.folder, '..data'));
    };
    unlinkSync(files.path);
    version('..1', dualwrite);
    symlinkSync(join('..data', 'flags.json'), files.path);
    flags = await openFile(files.path);
    version('..2', live);
    await until(flags, stageIs('live'));
  });

  it('is followed by looking now and then, where nothing tells of changes', async () => {
    flags = await openFile(files.path, { settleMs: 60_000, pollMs: 5 });
    files.write(live);
    await until(flags, stageIs('live'));
  });

  it('stands still once it is closed', async () => {
    flags = await openFile(files.path, { pollMs: 5 });
    const { version } = flags.status();
    let told = 0;
    flags.onChange(() => (told += 1));
    expect(isWatched(files.folder)).not.toBe(false);
    await flags.close();
    expect(isWatched(files.folder)).not.toBe(true);
    files.write(live);
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect(flags.status()).toMatchObject({ version, state: 'current' });
    expect(flags.stage(stageFlag)).toBe('shadow');
    expect(told).toBe(0);
    await expect(flags.close()).resolves.toBeUndefined();
  });

  it('gives a change a higher version than all before, whatever the file says', async () => {
    files.write(fileData({ stage: { ...stageData('dualwrite'), version: 7 } }));
    flags = await openFile(files.path);
    files.write(fileData({ stage: { ...stageData('live'), version: 3 } }));
    await until(flags, stageIs('live'));
    files.write(fileData({ stage: { ...stageData('off'), version: 3 } }));
    await until(flags, stageIs('off'));
    expect(flags.status().version).toBe(3);
  });

  it('does not count as changed when it is written again as it is', async () => {
    flags = await openFile(files.path);
    files.write(`${JSON.stringify(fileData())}\n\n`);
    files.write(live);
    await until(flags, stageIs('live'));
    expect(flags.status().version).toBe(2);
  });
});
