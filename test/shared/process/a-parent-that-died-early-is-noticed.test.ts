import { expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

// Regression: a parent that is killed while its child still starts leaves no 'disconnect' to be heard, since the channel
// has closed before anybody listened. The child must see that by itself, or it runs for ever.
test('a child whose parent died while it started stops by itself', async () => {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'orphan-program.ts')], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  if (child.stdout === null) throw new Error('standard output was asked for');
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  // What the child sees of a parent's death.
  child.disconnect();
  const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
  // Node tells no 'close' of a child whose channel was closed so early.
  const [[code]] = (await Promise.all([once(child, 'exit'), once(child.stdout, 'end')])) as [
    [number | null],
    unknown,
  ];
  clearTimeout(timer);
  expect({ code, output }).toEqual({ code: 0, output: 'stopped\n' });
});
