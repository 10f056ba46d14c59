import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** Cores for both sides, so that neither takes time from the other. */
export interface Cores {
  readonly proxy: string;
  readonly load: string;
}

/** The last core for the proxy, one other for the load side; `undefined` where that can't be had. */
export function coresFor(count: number = availableParallelism()): Cores | undefined {
  const works = spawnSync('taskset', ['-cp', String(process.pid)], { stdio: 'ignore' });
  if (works.error !== undefined || works.status !== 0 || count < 2) return undefined;
  return { proxy: String(count - 1), load: String(count - 2) };
}

/** Moves a running process with all its threads. Starting is left to all cores: it is slow enough. */
export function pin(pid: number, core: string): void {
  spawnSync('taskset', ['-acp', core, String(pid)], { stdio: 'ignore' });
}
