import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fileData, testFolder, type TestFolder } from './flag-files.ts';

const lockFile = fileURLToPath(new URL('../../flags/file-lock.ts', import.meta.url));

/** Takes the lock where no byte can be written into any file, and prints how that ended and how many files stayed open. */
const script = `
  import { readdirSync } from 'node:fs';
  import { withFileLock } from ${JSON.stringify(lockFile)};
  const openFiles = () => readdirSync('/dev/fd').length;
  const take = () => withFileLock({ path: process.argv[1] }, async () => 'done').catch((error) => error.code);
  await take();
  const before = openFiles();
  const ended = [await take(), await take(), await take()];
  console.log(JSON.stringify({ ended, leaked: openFiles() - before }));
`;

describe('a lock that cannot be written to its end', () => {
  let files: TestFolder;

  beforeEach(() => {
    files = testFolder();
    files.write(fileData());
  });

  afterEach(() => files.remove());

  it('leaves neither an open file nor half a lock, for which others would wait', async () => {
    const node = [process.execPath, '--input-type=module', '-e', script, files.path];
    const limited = ['-c', 'ulimit -f 0; exec "$0" "$@"', ...node];
    const { stdout } = await promisify(execFile)('sh', limited);
    expect(JSON.parse(stdout)).toEqual({ ended: ['EFBIG', 'EFBIG', 'EFBIG'], leaked: 0 });
    expect(readdirSync(files.folder)).toEqual(['flags.json']);
  });
});
