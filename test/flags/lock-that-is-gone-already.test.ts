import { readdirSync, rmSync } from 'node:fs';
import * as promises from 'node:fs/promises';
import { expect, it, jest } from '@jest/globals';
import { fileData, testFolder } from './flag-files.ts';

// Somebody takes the lock away in the moment between the look at it and its removal.
jest.unstable_mockModule('node:fs/promises', () => ({
  ...promises,
  readFile: async (path: string, encoding: 'utf8') => {
    const text = await promises.readFile(path, encoding);
    if (path.endsWith('.lock')) rmSync(path);
    return text;
  },
}));
const { withFileLock } = await import('#flags/file-lock.ts');

it('a lock that is gone when it is given back is no error: the work is done', async () => {
  const files = testFolder();
  files.write(fileData());
  await expect(withFileLock({ path: files.path }, async () => 'done')).resolves.toBe('done');
  expect(readdirSync(files.folder)).toEqual(['flags.json']);
  files.remove();
});
