import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { childEnv } from '#sample/child-env.ts';

export interface CommandOptions {
  /** Beside our own environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Ends it; without one it runs to its end, whatever becomes of us. */
  readonly signal?: AbortSignal;
}

export interface CommandEnd {
  readonly code: number | null;
  readonly out: string;
  /** On standard error. */
  readonly said: string;
}

const program = fileURLToPath(new URL('../../proxy/banyan.ts', import.meta.url));
const mostKept = 1024 * 1024;

/**
 * One call of `banyan`, as somebody would write it in a second terminal.
 * @throws an AbortError
 */
export async function banyanCommand(
  args: readonly string[],
  { env, signal }: CommandOptions,
): Promise<CommandEnd> {
  signal?.throwIfAborted();
  const child = spawn(process.execPath, [program, ...args], {
    env: childEnv(env),
    // A Ctrl-C in the terminal is ours to hand on.
    detached: process.platform !== 'win32',
    windowsHide: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, said] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out = (out + text).slice(-mostKept)));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-mostKept)));
  const stop = (): void => void child.kill('SIGTERM');
  signal?.addEventListener('abort', stop);
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    signal?.throwIfAborted();
    return { code, out, said };
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}
