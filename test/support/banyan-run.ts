import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Status } from '#proxy/control/status.ts';

const program = fileURLToPath(new URL('../../proxy/banyan.ts', import.meta.url));

export interface BanyanRun {
  readonly url: string;
  readonly output: () => string;
  readonly signal: (signal: NodeJS.Signals) => void;
  /** Waits until `/status` answers as wanted; fails when the process ends before. */
  until(wanted: (status: Status) => boolean): Promise<Status>;
  /** @returns the exit code */
  ended(): Promise<number | null>;
  end(signal: NodeJS.Signals): Promise<number | null>;
  kill(): Promise<void>;
  /** Waits until none of the processes is there any more. */
  allGone(pids: readonly number[]): Promise<void>;
}

/** `banyan run` as a process of its own. */
export function startBanyanRun(options: {
  readonly config: string;
  readonly port: number;
  readonly adminPort: number;
  /** Added to this process's own. */
  readonly environment?: Readonly<Record<string, string>>;
}): BanyanRun {
  const child = spawn(process.execPath, [program, 'run', '--config', options.config], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.environment },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  return {
    url: `http://127.0.0.1:${options.port}`,
    output: () => output,
    signal: (signal) => void child.kill(signal),
    async until(wanted) {
      for (;;) {
        if (hasEnded()) throw new Error(`banyan run ended: ${output}`);
        const status = await fetch(`http://127.0.0.1:${options.adminPort}/status`).then(
          async (response) => (response.ok ? ((await response.json()) as Status) : undefined),
          () => undefined,
        );
        if (status !== undefined && wanted(status)) return status;
        await delay(50);
      }
    },
    ended: () => exited,
    async end(signal) {
      child.kill(signal);
      return exited;
    },
    async kill() {
      if (!hasEnded()) child.kill('SIGKILL');
      await exited;
    },
    async allGone(pids) {
      while (pids.some(isAlive)) await delay(20);
    },
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
