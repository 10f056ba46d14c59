import { expect, it } from '@jest/globals';
import { fileData, openFile, readsData, testFolder, until } from './flag-files.ts';
import { openStream } from './launchdarkly-flags.ts';

it('of a malformed flag file the first problem is shown by itself, beside the whole list', async () => {
  const files = testFolder();
  files.write(fileData());
  const flags = await openFile(files.path);
  expect(flags.status()).toMatchObject({ lastError: undefined, firstProblem: undefined });

  files.write(fileData({ reads: readsData(50, { on: 'yes\nno', salt: 7 }) }));
  const broken = await until(flags, ({ state }) => state === 'stale');
  expect(broken.firstProblem).toBe('flags.reads.on: must be true or false');
  expect(broken.lastError?.split('\n')).toEqual([
    `${files.path} cannot be used: 2 problems`,
    String.raw`  flags.reads.on = "yes\nno": must be true or false`,
    expect.stringMatching(/^ {2}flags\.reads\.salt = 7: /),
  ]);

  files.write('{');
  const torn = await until(flags, ({ firstProblem }) => firstProblem !== broken.firstProblem);
  expect(torn.firstProblem).toMatch(/^must be JSON: /);

  files.write(fileData());
  expect(await until(flags, ({ state }) => state === 'current')).toMatchObject({ firstProblem: undefined });
  await flags.close();
  files.remove();
});

it('of a source that is out of reach it is the whole', async () => {
  const flags = await openStream({ url: 'http://127.0.0.1:1' }, { waitMs: 20 });
  const { firstProblem, lastError } = flags.status();
  expect(firstProblem).toBe(lastError);
  expect(firstProblem).toMatch(/\w/);
  await flags.close();
});
