import { dirname } from 'node:path';
import { codeOf } from '#shared/errors/code.ts';
import { messageOf } from '#shared/errors/message.ts';
import { printable } from '#shared/errors/printable.ts';

/** The flag file, or the folder that it lies in, could not be read or written; what was to be done may be right. */
export interface FlagFileAccessError extends Error {
  readonly name: 'FlagFileAccessError';
  /** Of the operating system, e.g. `EACCES`. */
  readonly code: string | undefined;
}

/** @param file path of the flag file */
export function unreadableFile(file: string, cause: unknown): FlagFileAccessError {
  return accessError(`the flag file ${file} cannot be used: ${whyUnreadable(cause)}`, cause);
}

/** Why a flag file cannot be read, and the remedy; completes a sentence that names the file. */
export function whyUnreadable(cause: unknown): string {
  if (isGone(cause)) return 'there is no such file: write it, or correct its path';
  return `it cannot be read ${reason(cause)}`;
}

/** @param file path of the flag file, beside which an edit writes its draft and its lock */
export function unwritableFile(file: string, cause: unknown): FlagFileAccessError {
  const folder = dirname(file);
  if (isGone(cause))
    return accessError(`the flag file ${file} or its folder is gone; nothing was changed`, cause);
  const code = codeOf(cause);
  if (code !== 'EACCES' && code !== 'EPERM')
    return accessError(`the flag file ${file} cannot be edited ${reason(cause)}`, cause);
  return accessError(
    `the flag file ${file} cannot be edited (${code}): let this user write into ${folder}, where the new file is made before it takes the place of the old one`,
    cause,
  );
}

function isGone(cause: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(codeOf(cause) ?? '');
}

function reason(cause: unknown): string {
  const code = codeOf(cause);
  if (code === undefined) return `(${printable(messageOf(cause))})`;
  const remedy = remedies[code];
  return remedy === undefined ? `(${code})` : `(${code}): ${remedy}`;
}

const remedies: Readonly<Record<string, string>> = {
  EACCES: 'let this user read it',
  EPERM: 'let this user read it',
  EISDIR: 'it is a folder; name the file in it',
  ELOOP: 'it is a link that leads back to itself; name the file',
  EROFS: 'its file system is mounted read-only; edit the file where it comes from',
  ENOSPC: 'the disk is full; make room',
  EDQUOT: 'the quota of this user is used up; make room',
  EMFILE: 'too many files are open; raise the limit (ulimit -n)',
};

function accessError(message: string, cause: unknown): FlagFileAccessError {
  const error = new Error(message, { cause });
  return Object.assign(error, { name: 'FlagFileAccessError' as const, code: codeOf(cause) });
}
