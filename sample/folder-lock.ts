import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withFileLock } from '#flags/file-lock.ts';
import { codeOf } from '#shared/errors/code.ts';
import { writeError } from './writing.ts';

const lockName = 'running.lock';

/** Whether a file in a data folder is the lock, or one of those that guard its taking for a moment. */
export function isOfLock(name: string): boolean {
  return name.startsWith(lockName);
}

/**
 * Takes the folder for this process; the lock of a process that is gone is taken over. Who looks at the holder and takes
 * its place does so alone: else two that find the same dead holder could both have the folder.
 * @returns gives it back
 * @throws an Error that says what to do: another run has it, the lock cannot be written
 */
export async function takeFolder(path: string): Promise<() => void> {
  const lock = join(path, lockName);
  try {
    await withFileLock({ path: lock }, async () => {
      const holder = holderOf(lock);
      if (holder !== undefined && isAlive(holder)) {
        throw new Error(
          `process ${holder} is running the sample on ${path}: end it, or choose another folder with --data ` +
            `(if process ${holder} is something else, delete ${lock})`,
        );
      }
      writeFileSync(lock, String(process.pid));
    });
  } catch (error) {
    throw writeError(lock, error);
  }
  return () => rmSync(lock, { force: true });
}

function holderOf(lock: string): number | undefined {
  try {
    return Number(readFileSync(lock, 'utf8'));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}
