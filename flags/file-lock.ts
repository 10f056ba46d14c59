import { randomUUID } from 'node:crypto';
import { open, readFile, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { codeOf } from '#shared/errors/code.ts';

export interface FileLockOptions {
  /** The file that is guarded; the lock is a file beside it, named `….lock`. */
  readonly path: string;
  /** Milliseconds to wait for it. Default 5000. */
  readonly waitMs?: number | undefined;
  /** Milliseconds after which a lock is an abandoned one: it is held for the time of a small write. Default 10000. */
  readonly abandonedMs?: number | undefined;
}

/**
 * Runs `work` while no other process does so for the same file. A lock whose process is gone is taken over.
 * @throws Error if another holds the lock for longer than `waitMs`, or what the file system says where it cannot be written
 */
export async function withFileLock<T>(options: FileLockOptions, work: () => Promise<T>): Promise<T> {
  const { path, waitMs = 5_000, abandonedMs = 10_000 } = options;
  const lock = `${path}.lock`;
  const deadline = performance.now() + waitMs;
  const id = randomUUID();
  while (!(await create(lock, id))) {
    if (performance.now() > deadline) {
      throw new Error(
        `${path} is being edited by another process; if none runs, remove ${lock} and try again`,
      );
    }
    if (await isAbandoned(lock, abandonedMs)) await takeAway(lock, abandonedMs);
    else await delay(2 + Math.random() * 8);
  }
  try {
    return await work();
  } finally {
    // Whoever thought us gone has a lock of its own by now.
    if ((await holderOf(lock))?.id === id) await remove(lock);
  }
}

async function create(lock: string, id: string): Promise<boolean> {
  const file = await open(lock, 'wx').catch((error: unknown) => {
    if (codeOf(error) === 'EEXIST') return undefined;
    throw error;
  });
  if (file === undefined) return false;
  try {
    await file.writeFile(JSON.stringify({ host: hostname(), pid: process.pid, id } satisfies Holder));
  } catch (error) {
    // Half a lock says nobody's name: others would wait until it is an abandoned one.
    await remove(lock).catch(() => {});
    throw error;
  } finally {
    await file.close();
  }
  return true;
}

/** That it is gone already is what is wanted: an abandoned lock can be taken away by anyone at any moment. */
async function remove(lock: string): Promise<void> {
  await rm(lock, { force: true });
}

interface Holder {
  readonly host: string;
  readonly pid: number;
  readonly id: string;
}

/** `undefined` if there is no lock, or one that is only being written. */
async function holderOf(lock: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(lock, 'utf8')) as Holder;
  } catch {
    return undefined;
  }
}

async function isAbandoned(lock: string, abandonedMs: number): Promise<boolean> {
  const age = await stat(lock).then(
    ({ mtimeMs }) => Date.now() - mtimeMs,
    () => 0,
  );
  if (age > abandonedMs) return true;
  const holder = await holderOf(lock);
  return holder?.host === hostname() && !isRunning(holder.pid);
}

/** Two that find the same abandoned lock must not take away each other's new one: a second lock lets one look again. */
async function takeAway(lock: string, abandonedMs: number): Promise<void> {
  const guard = `${lock}.takeover`;
  if (!(await create(guard, randomUUID()))) {
    if (await isAbandoned(guard, abandonedMs)) await remove(guard).catch(() => {});
    await delay(5);
    return;
  }
  try {
    if (await isAbandoned(lock, abandonedMs)) await remove(lock);
  } finally {
    await remove(guard);
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) !== 'ESRCH';
  }
}
