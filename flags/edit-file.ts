import { randomUUID } from 'node:crypto';
import { open, readFile, realpath, rename, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { codeOf } from '#shared/errors/code.ts';
import { withShare, withStage, withSwitch, type FlagEdit } from './edit.ts';
import { unreadableFile, unwritableFile } from './file-access.ts';
import { withFileLock } from './file-lock.ts';
import { flagEditError, flagFileError, isFlagFileError } from './problems.ts';
import type { Stage } from './stages.ts';

export interface EditOptions {
  /** Path of the flag file. */
  readonly file: string;
  /** Key of the flag. */
  readonly flag: string;
}

/** What an edit did, for the audit log; see `FlagEdit`. */
export type Edited<Value> = Omit<FlagEdit<Value>, 'text'>;

/**
 * Sets the share of a read flag in the flag file; see `withShare`.
 * @param options.percent 0 to 100, with up to 3 decimals
 */
export function setShare(options: EditOptions & { readonly percent: number }): Promise<Edited<number>> {
  return editFile(options.file, (text) => withShare(text, options.flag, options.percent));
}

/** What `setShares` did to one flag. */
export interface ShareEdit extends Edited<number> {
  readonly flag: string;
}

export interface SharesOptions {
  /** Path of the flag file. */
  readonly file: string;
  /** Keys of the read flags; one that is named twice counts once. */
  readonly flags: readonly string[];
  /** Of every one of them: 0 to 100, with up to 3 decimals. */
  readonly percent: number;
}

/**
 * Sets the shares of several read flags in one write: whoever follows the file sees all of them move at once, and if one
 * is refused none moves. See `withShare`.
 * @returns what was done to each, in the order in which they were named
 */
export async function setShares(options: SharesOptions): Promise<readonly ShareEdit[]> {
  const { file, flags, percent } = options;
  const { edits } = await editFile(file, (text) => withShares(text, flags, percent));
  return edits;
}

function withShares(
  text: string,
  flags: readonly string[],
  percent: number,
): { readonly text: string; readonly edits: readonly ShareEdit[] } {
  let edited = text;
  const edits = [...new Set(flags)].map((flag): ShareEdit => {
    const { text: next, ...edit } = withShare(edited, flag, percent);
    edited = next;
    return { flag, ...edit };
  });
  return { text: edited, edits };
}

/** Sets the stage of a migration flag in the flag file; see `withStage`. */
export function setStage(options: EditOptions & { readonly stage: Stage }): Promise<Edited<Stage>> {
  return editFile(options.file, (text) => withStage(text, options.flag, options.stage));
}

/** Sets a kill switch in the flag file; see `withSwitch`. */
export function setSwitch(options: EditOptions & { readonly on: boolean }): Promise<Edited<boolean>> {
  return editFile(options.file, (text) => withSwitch(text, options.flag, options.on));
}

const attempts = 20;

/**
 * Edits take turns by a lock.
 * @throws FlagEditError if the edit is refused, FlagFileError if the file is malformed, FlagFileAccessError if it cannot
 * be read or written, Error if others keep it busy
 */
async function editFile<Edit extends { readonly text: string }>(
  file: string,
  change: (text: string) => Edit,
): Promise<Omit<Edit, 'text'>> {
  // The file itself, not a link to it, which a rename would replace.
  const path = await realpath(file).catch((error: unknown) => {
    throw unreadableFile(file, error);
  });
  return await withFileLock({ path }, () => replaceWhile({ path, change })).catch((error: unknown) => {
    throw isFromSystem(error) ? unwritableFile(path, error) : error;
  });
}

function isFromSystem(error: unknown): boolean {
  return Error.isError(error) && error.name === 'Error' && codeOf(error) !== undefined;
}

/**
 * Edits a file that others may save at the same time: editors know nothing of locks. What one saved meanwhile is edited
 * again, not overwritten.
 * @throws Error if that happens over and over
 */
export async function replaceWhile<Edit extends { readonly text: string }>(options: {
  readonly path: string;
  readonly change: (text: string) => Edit;
}): Promise<Omit<Edit, 'text'>> {
  const { path, change } = options;
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const expected = await readFile(path, 'utf8').catch((error: unknown) => {
      throw unreadableFile(path, error);
    });
    const { text, ...done } = changed(path, () => change(expected));
    if (text === expected || (await replace({ path, expected, text }))) return done;
  }
  throw new Error(`${path} changes all the time: something else writes it; stop that and try again`);
}

/** What an edit refuses, told with the file that it is about. */
function changed<Edit>(path: string, change: () => Edit): Edit {
  try {
    return change();
  } catch (error) {
    throw isFlagFileError(error) ? flagFileError(path, error.problems) : flagEditError(path, error);
  }
}

/**
 * Replaces a file as a whole: readers see the old or the new content, and so does the disk after a crash.
 * @returns false, without a change, if its content is no longer `expected`
 */
async function replace(options: {
  readonly path: string;
  readonly expected: string;
  readonly text: string;
}): Promise<boolean> {
  const { path, expected, text } = options;
  const draft = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
  try {
    const { mode, uid, gid } = await stat(path);
    const file = await open(draft, 'wx', 0o600);
    try {
      // Root's edit must leave the file to the user whose process reads it; others may not give files away.
      await file.chown(uid, gid).catch(() => {});
      await file.chmod(mode & 0o777);
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    // No system call replaces a file on a condition, so a save in this very moment is lost; the lock keeps our own out.
    if ((await readFile(path, 'utf8')) !== expected) {
      await unlink(draft);
      return false;
    }
    await rename(draft, path);
  } catch (error) {
    await unlink(draft).catch(() => {});
    throw error;
  }
  await syncFolder(dirname(path));
  return true;
}

/**
 * Makes the rename last through a loss of power, where the folder can be opened and synced: not every file system can do
 * that, and Windows needs no such step. The edit is made by now, so a failure here must not tell of a failed edit.
 */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  await handle?.sync().catch(() => {});
  await handle?.close();
}
