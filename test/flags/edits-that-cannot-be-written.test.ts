import { chmodSync, mkdirSync, readFileSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { setShare, setStage } from '#flags/edit-file.ts';
import { unreadableFile, unwritableFile } from '#flags/file-access.ts';
import { fileData, testFolder, type TestFolder } from './flag-files.ts';

const nobody = 65_534;

/** Root may write everywhere, so as root the work is done as somebody else. */
async function withoutRights<T>(work: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return await work();
  process.seteuid?.(nobody);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}

function failed(code: string): Error {
  return Object.assign(new Error(`${code}: as the system says it, open '/somewhere'`), { code });
}

describe('an edit that the file system does not let through', () => {
  let files: TestFolder;

  beforeEach(() => {
    files = testFolder();
    files.write(fileData());
    chmodSync(files.folder, 0o555);
    chmodSync(files.path, 0o644);
  });

  afterEach(() => {
    chmodSync(files.folder, 0o755);
    files.remove();
  });

  const edit = (file = files.path): Promise<unknown> => setStage({ file, flag: 'stage', stage: 'off' });

  it('names the folder that must be writable, and leaves everything as it was', async () => {
    const before = readFileSync(files.path, 'utf8');
    await expect(withoutRights(() => edit())).rejects.toMatchObject({
      name: 'FlagFileAccessError',
      code: 'EACCES',
      message: `the flag file ${files.path} cannot be edited (EACCES): let this user write into ${files.folder}, where the new file is made before it takes the place of the old one`,
    });
    expect(readFileSync(files.path, 'utf8')).toBe(before);
    expect(readdirSync(files.folder)).toEqual(['flags.json']);
  });

  it('names the file that may not be read', async () => {
    chmodSync(files.folder, 0o777);
    chmodSync(files.path, 0o000);
    await expect(withoutRights(() => edit())).rejects.toMatchObject({
      name: 'FlagFileAccessError',
      message: `the flag file ${files.path} cannot be used: it cannot be read (EACCES): let this user read it`,
    });
    expect(readdirSync(files.folder)).toEqual(['flags.json']);
  });

  it('says that there is no such file, also for a link to nowhere and a path through a file', async () => {
    chmodSync(files.folder, 0o755);
    const link = join(files.folder, 'link.json');
    symlinkSync(join(files.folder, 'nowhere.json'), link);
    for (const file of [`${files.path}.no`, link, join(files.path, 'flags.json')]) {
      await expect(edit(file)).rejects.toMatchObject({
        name: 'FlagFileAccessError',
        message: `the flag file ${file} cannot be used: there is no such file: write it, or correct its path`,
      });
    }
  });

  it('says that a folder is no file', async () => {
    chmodSync(files.folder, 0o755);
    const folder = join(files.folder, 'folder');
    mkdirSync(folder);
    await expect(edit(folder)).rejects.toThrow(
      `the flag file ${folder} cannot be used: it cannot be read (EISDIR): it is a folder; name the file in it`,
    );
  });

  it.each([
    [
      unwritableFile('/d/flags.json', failed('ENOSPC')),
      'cannot be edited (ENOSPC): the disk is full; make room',
    ],
    [
      unwritableFile('/d/flags.json', failed('EROFS')),
      'cannot be edited (EROFS): its file system is mounted read-only',
    ],
    [unwritableFile('/d/flags.json', failed('ENOENT')), 'or its folder is gone; nothing was changed'],
    [unwritableFile('/d/flags.json', failed('EIO')), 'the flag file /d/flags.json cannot be edited (EIO)'],
    [unreadableFile('/d/flags.json', 'torn\nout'), String.raw`it cannot be read (torn\nout)`],
  ])('has a remedy for each cause: %s', (error, message) => {
    expect(error.message).toContain(message);
  });
});

describe('an edit that is refused for what it asks', () => {
  it('is told apart from a file that cannot be written, and names the file', async () => {
    const files = testFolder();
    files.write(fileData());
    await expect(setShare({ file: files.path, flag: 'nobody', percent: 5 })).rejects.toMatchObject({
      name: 'FlagEditError',
      message: `there is no flag "nobody"; there are: stage, reads, kill (in ${files.path})`,
    });
    files.write('{ "flags": [');
    await expect(setShare({ file: files.path, flag: 'reads', percent: 5 })).rejects.toMatchObject({
      name: 'FlagFileError',
      message: expect.stringContaining(`${files.path} cannot be used: 1 problem`),
    });
    files.remove();
  });
});
