import { readFileSync, readdirSync, statSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { setShares } from '#flags/edit-file.ts';
import { fileData, openFile, readsData, testFolder, until, type TestFolder } from './flag-files.ts';

describe('the shares of several read flags', () => {
  let files: TestFolder;

  beforeEach(() => {
    files = testFolder();
    files.write(fileData({ list: readsData(0), profile: readsData(25) }));
  });

  afterEach(() => files.remove());

  const flags = (): Record<string, unknown> =>
    (JSON.parse(readFileSync(files.path, 'utf8')) as ReturnType<typeof fileData>).flags;

  it('are set in one write, each told with what it was', async () => {
    await expect(
      setShares({ file: files.path, flags: ['reads', 'list', 'profile'], percent: 25 }),
    ).resolves.toEqual([
      { flag: 'reads', from: 50, to: 25 },
      { flag: 'list', from: 0, to: 25 },
      { flag: 'profile', from: 25, to: 25 },
    ]);
    expect(flags()).toMatchObject({ reads: readsData(25), list: readsData(25), profile: readsData(25) });
    expect(readdirSync(files.folder)).toEqual(['flags.json']);
  });

  it('reach whoever follows the file as one change', async () => {
    const followed = await openFile(files.path);
    try {
      const before = followed.status().version;
      await setShares({ file: files.path, flags: ['reads', 'list', 'profile'], percent: 75 });
      const { version } = await until(followed, (status) => status.version > before);
      expect(version).toBe(before + 1);
    } finally {
      await followed.close();
    }
  });

  it.each<[string, readonly string[], number, string]>([
    ['one is not there', ['reads', 'list', 'nobody'], 10, 'there is no flag "nobody"'],
    ['one is no read flag', ['reads', 'stage'], 10, 'flag "stage" must have the variations true and false'],
    ['the number is no share', ['reads', 'list'], 101, 'a share is a number from 0 to 100'],
  ])('stay as they are, all of them, when %s', async (_name, keys, percent, message) => {
    const before = readFileSync(files.path, 'utf8');
    await expect(setShares({ file: files.path, flags: keys, percent })).rejects.toThrow(message);
    expect(readFileSync(files.path, 'utf8')).toBe(before);
    expect(readdirSync(files.folder)).toEqual(['flags.json']);
  });

  it('are not written where nothing changes, or no flag is named; a flag named twice is told once', async () => {
    const { ino, mtimeNs } = statSync(files.path, { bigint: true });
    await expect(setShares({ file: files.path, flags: ['reads', 'reads'], percent: 50 })).resolves.toEqual([
      { flag: 'reads', from: 50, to: 50 },
    ]);
    await expect(setShares({ file: files.path, flags: [], percent: 5 })).resolves.toEqual([]);
    const after = statSync(files.path, { bigint: true });
    expect([after.ino, after.mtimeNs]).toEqual([ino, mtimeNs]);
  });
});
