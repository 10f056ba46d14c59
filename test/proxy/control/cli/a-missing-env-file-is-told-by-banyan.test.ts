import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../../../proxy/banyan.ts', import.meta.url));

// `--env-file` would be Node's own, which looks for it among the program's arguments too, and ends with 9.
test('a missing file of variables is told with the remedy, by a real process', () => {
  const { status, stderr } = spawnSync(process.execPath, [program, '--env-from', 'nowhere.env', 'check'], {
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([
    2,
    'banyan: nowhere.env: there is no such file; name another with --env-from or BANYAN_ENV_FILE\n',
  ]);
});
