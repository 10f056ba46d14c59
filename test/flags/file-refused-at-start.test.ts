import { mkdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fileData, openFile, readsData, testFolder, type TestFolder } from './flag-files.ts';

describe('a flag file that cannot be used at the start', () => {
  let files: TestFolder;

  beforeEach(() => {
    files = testFolder();
  });

  afterEach(() => files.remove());

  it('is told with everything that is wrong with it', async () => {
    const reads = readsData(10, { offVariation: 2, fallthru: {} });
    files.write({ flags: { reads }, flagValues: { kill: 'no' }, more: 1 });
    const error: unknown = await openFile(files.path).catch((error: unknown) => error);
    expect(error).toMatchObject({
      name: 'FlagFileError',
      problems: [
        { path: 'flags.reads.fallthru', value: '{}' },
        { path: 'more', value: '1', message: 'is no field here; correct its spelling, or remove it' },
        { path: 'flags.stage', value: undefined },
        { path: 'flagValues.kill', value: '"no"' },
      ],
    });
    expect((error as Error).message).toBe(
      [
        `${files.path} cannot be used: 4 problems`,
        '  flags.reads.fallthru = {}: is no field here; correct its spelling, or remove it',
        '  more = 1: is no field here; correct its spelling, or remove it',
        '  flags.stage: is missing: the configuration names it as a migration flag; add it',
        '  flagValues.kill = "no": must be true or false: the configuration names the flag as a kill switch',
      ].join('\n'),
    );
  });

  it('is told when it is missing', async () => {
    await expect(openFile(files.path)).rejects.toThrow(
      /1 problem\n {2}there is no such file: write it, or correct its path/,
    );
  });

  it('is told when it is no file', async () => {
    mkdirSync(files.path);
    await expect(openFile(files.path)).rejects.toThrow(/it cannot be read \(EISDIR\)/);
  });

  it('is told when it is of absurd size', async () => {
    files.write(`${JSON.stringify(fileData())}${' '.repeat(17 * 1024 * 1024)}`);
    await expect(openFile(files.path)).rejects.toThrow(/is over 16 MiB/);
  });
});
