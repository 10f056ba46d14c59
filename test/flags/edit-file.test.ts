import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  lstatSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { replaceWhile, setShare, setStage, setSwitch } from '#flags/edit-file.ts';
import { withShare } from '#flags/edit.ts';
import { withFileLock } from '#flags/file-lock.ts';
import { fileData, readsData, testFolder, type TestFolder } from './flag-files.ts';

describe('edits of the flag file', () => {
  let files: TestFolder;

  beforeEach(() => {
    files = testFolder();
    files.write(fileData());
  });

  afterEach(() => files.remove());

  const flags = (): ReturnType<typeof fileData> =>
    JSON.parse(readFileSync(files.path, 'utf8')) as ReturnType<typeof fileData>;

  it('tell what they changed, and leave nothing else behind', async () => {
    await expect(setShare({ file: files.path, flag: 'reads', percent: 7.5 })).resolves.toEqual({
      from: 50,
      to: 7.5,
    });
    await expect(setStage({ file: files.path, flag: 'stage', stage: 'live' })).resolves.toEqual({
      from: 'shadow',
      to: 'live',
    });
    await expect(setSwitch({ file: files.path, flag: 'kill', on: true })).resolves.toEqual({
      from: false,
      to: true,
    });
    expect(flags()).toMatchObject({
      flags: { reads: readsData(7.5), stage: { fallthrough: { variation: 3 } } },
      flagValues: { kill: true },
    });
    expect(readdirSync(files.folder)).toEqual(['flags.json']);
    expect(readFileSync(files.path, 'utf8')).toBe(`${JSON.stringify(flags(), undefined, 2)}\n`);
  });

  it('do not write at all where nothing changes', async () => {
    const before = statSync(files.path, { bigint: true });
    await setShare({ file: files.path, flag: 'reads', percent: 50 });
    const { ino, mtimeNs } = statSync(files.path, { bigint: true });
    expect({ ino, mtimeNs }).toEqual({ ino: before.ino, mtimeNs: before.mtimeNs });
  });

  it('at once lose none', async () => {
    const many = Array.from({ length: 12 }, (_, index) => `flag-${index}`);
    files.write(fileData(Object.fromEntries(many.map((flag) => [flag, readsData(0)]))));
    await Promise.all(many.map((flag, index) => setShare({ file: files.path, flag, percent: index + 1 })));
    for (const [index, flag] of many.entries()) expect(flags().flags[flag]).toEqual(readsData(index + 1));
    expect(readdirSync(files.folder)).toEqual(['flags.json']);
  });

  it('keep what an editor saved meanwhile, which knows nothing of the lock', async () => {
    let saved = false;
    const change = (text: string): ReturnType<typeof withShare> => {
      const edit = withShare(text, 'reads', 7);
      if (!saved) files.write({ ...flags(), flagValues: { kill: true } });
      saved = true;
      return edit;
    };
    await expect(replaceWhile({ path: files.path, change })).resolves.toEqual({ from: 50, to: 7 });
    expect(flags()).toMatchObject({ flags: { reads: readsData(7) }, flagValues: { kill: true } });
    expect(readdirSync(files.folder)).toEqual(['flags.json']);
  });

  it('keep the mode of the file, and a link to it', async () => {
    chmodSync(files.path, 0o640);
    const link = join(files.folder, 'link.json');
    symlinkSync(files.path, link);
    await setStage({ file: link, flag: 'stage', stage: 'off' });
    expect(statSync(files.path).mode & 0o777).toBe(0o640);
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(flags().flags['stage']).toMatchObject({ fallthrough: { variation: 0 } });
  });

  it('leave the file as it was, and no lock, when they are refused', async () => {
    const before = readFileSync(files.path, 'utf8');
    await expect(setStage({ file: files.path, flag: 'nobody', stage: 'off' })).rejects.toThrow(
      'there is no flag "nobody"',
    );
    expect(readFileSync(files.path, 'utf8')).toBe(before);
    expect(readdirSync(files.folder)).toEqual(['flags.json']);
  });

  it('give up when the file changes under them all the time', async () => {
    await expect(
      replaceWhile({
        path: files.path,
        change: (text) => {
          writeFileSync(files.path, `${text} `);
          return { text: `${text}\n`, from: 1, to: 2 };
        },
      }),
    ).rejects.toThrow('changes all the time');
    expect(readdirSync(files.folder)).toEqual(['flags.json']);
  });
});

describe('the lock of the flag file', () => {
  let files: TestFolder;
  let lock: string;

  beforeEach(() => {
    files = testFolder();
    files.write(fileData());
    lock = `${files.path}.lock`;
  });

  afterEach(() => files.remove());

  const edit = (waitMs = 5_000): Promise<string> =>
    withFileLock({ path: files.path, waitMs }, async () => 'done');

  it('is waited for, and the wait ends with the remedy', async () => {
    const holder = JSON.stringify({ host: hostname(), pid: process.pid, id: 'other' });
    writeFileSync(lock, holder);
    await expect(edit(30)).rejects.toThrow(
      `is being edited by another process; if none runs, remove ${lock} and try again`,
    );
    expect(readFileSync(lock, 'utf8')).toBe(holder);
  });

  it('of a process that is gone is taken over at once, by several too', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    await once(child, 'exit');
    writeFileSync(lock, JSON.stringify({ host: hostname(), pid: child.pid, id: 'gone' }));
    let inside = 0;
    const works = Array.from({ length: 6 }, () =>
      withFileLock({ path: files.path }, async () => {
        inside += 1;
        expect(inside).toBe(1);
        await new Promise((resolve) => setTimeout(resolve, 2));
        inside -= 1;
      }),
    );
    await Promise.all(works);
    expect(readdirSync(files.folder)).toEqual(['flags.json']);
  });

  it('of another machine is believed until it is old', async () => {
    writeFileSync(lock, JSON.stringify({ host: 'elsewhere', pid: 1, id: 'other' }));
    await expect(edit(30)).rejects.toThrow('is being edited by another process');
    utimesSync(lock, 1, 1);
    await expect(edit()).resolves.toBe('done');
  });

  it('that was never written to its end is taken over when it is old, also while taking over', async () => {
    for (const path of [lock, `${lock}.takeover`]) {
      writeFileSync(path, '');
      utimesSync(path, 1, 1);
    }
    await expect(edit()).resolves.toBe('done');
    expect(readdirSync(files.folder)).toEqual(['flags.json']);
  });

  it('is given back when the work fails', async () => {
    await expect(
      withFileLock({ path: files.path }, () => Promise.reject(new Error('broken'))),
    ).rejects.toThrow('broken');
    await expect(edit()).resolves.toBe('done');
  });

  it('that another took over meanwhile is not taken from it', async () => {
    await withFileLock({ path: files.path }, async () =>
      writeFileSync(lock, JSON.stringify({ host: 'elsewhere', pid: 1, id: 'theirs' })),
    );
    expect(readFileSync(lock, 'utf8')).toContain('theirs');
  });

  it('says so when it cannot be written', async () => {
    await expect(
      withFileLock({ path: join(files.folder, 'none', 'flags.json') }, async () => 'done'),
    ).rejects.toThrow('ENOENT');
  });
});
