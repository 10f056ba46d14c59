import { codeOf } from '#shared/errors/code.ts';

/**
 * Does something that writes at `path`.
 * @throws an Error that says what to do where the file system does not let us; other errors as they are
 */
export function writing<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw writeError(path, cause);
  }
}

/** The error with a remedy where it is one of the file system, else the given one. */
export function writeError(path: string, cause: unknown): unknown {
  const code = codeOf(cause) ?? '';
  const remedy = remedies[code];
  return remedy === undefined
    ? cause
    : new Error(`${path} cannot be written (${code}): ${remedy}`, { cause });
}

const notOurs =
  'it belongs to another user; give it to the one who runs this, or choose another folder with --data';

const remedies: Readonly<Record<string, string>> = {
  EACCES: notOurs,
  EPERM: notOurs,
  EROFS: 'its file system is read-only; choose a folder on another with --data',
  ENOSPC: 'the disk is full; make room, or choose a folder on another disk with --data',
  EDQUOT: 'your quota is used up; make room, or choose a folder on another disk with --data',
  EISDIR: 'it is a folder; remove it, or choose another folder with --data',
};
