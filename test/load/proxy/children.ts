import { spawn, spawnSync, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';

/** Every process that the bench has started and that has not ended. */
const running = new Set<ChildProcess>();
const patienceMs = 1_500;

/** Linux can end a child with its parent, even when that is killed. */
const tied = spawnSync('setpriv', ['--pdeathsig', 'KILL', 'true'], { stdio: 'ignore' }).status === 0;

export function startChild(
  file: string,
  args: readonly string[],
  options: Pick<SpawnOptions, 'stdio'>,
): ChildProcess {
  // A session of its own: a Ctrl-C of the terminal comes to the bench alone, which then ends its children in order.
  const how: SpawnOptions = { ...options, detached: true };
  const child = tied
    ? spawn('setpriv', ['--pdeathsig', 'KILL', file, ...args], how)
    : spawn(file, [...args], how);
  running.add(child);
  child.once('exit', () => running.delete(child));
  child.once('error', () => running.delete(child));
  return child;
}

/** Ends it with SIGTERM, then with SIGKILL. */
export async function endChild(child: ChildProcess): Promise<void> {
  if (!running.has(child)) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs);
  await ended;
  clearTimeout(timer);
}

export async function endAllChildren(): Promise<void> {
  await Promise.all([...running].map(endChild));
}
