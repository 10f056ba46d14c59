import { watch, type FSWatcher } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface FileWatchOptions {
  readonly path: string;
  /** Milliseconds from the first sign of a change to the look at it, so that a burst of signs costs one look. */
  readonly settleMs: number;
  /** Milliseconds between looks without any sign: not every file system tells of changes. */
  readonly pollMs: number;
  /** Called when the file may have changed, be gone, or be back. */
  readonly onSign: () => void;
}

export interface FileWatch {
  /** Calls `onSign` once after `delayMs`, or sooner if there is a sign. */
  signIn(delayMs: number): void;
  close(): void;
}

/**
 * Watches a file by its folder: editors write by rename, Kubernetes swaps a link beside it, and a watch on the file
 * itself dies with the file. A folder that goes away and comes back is watched again. Never keeps the process alive.
 */
export function watchFile(options: FileWatchOptions): FileWatch {
  const { path, settleMs, pollMs, onSign } = options;
  const folder = dirname(path);
  let watcher: FSWatcher | undefined;
  let watchedFolder: string | undefined;
  let polling = false;
  let settling: NodeJS.Timeout | undefined;
  let lookAt = Infinity;
  let closed = false;

  const signIn = (delayMs: number): void => {
    const at = performance.now() + delayMs;
    // A later sign never puts a look off: in a busy folder it would never come.
    if (closed || at >= lookAt) return;
    lookAt = at;
    clearTimeout(settling);
    settling = setTimeout(() => {
      lookAt = Infinity;
      onSign();
    }, delayMs).unref();
  };

  const open = (): void => {
    watcher?.close();
    try {
      watcher = watch(folder, { persistent: false }, () => signIn(settleMs));
      // inotify's limits and vanished folders end here; the poll carries on and tries again.
      watcher.on('error', drop);
    } catch {
      watcher = undefined;
    }
  };

  const drop = (): void => {
    watcher?.close();
    watcher = undefined;
  };

  const poll = async (): Promise<void> => {
    // A file system that hangs gets one question, not one more with each round.
    if (polling) return;
    polling = true;
    const now = await folderIdentity(folder);
    polling = false;
    if (closed) return;
    if (watcher === undefined || now !== watchedFolder) open();
    watchedFolder = now;
    onSign();
  };

  open();
  void folderIdentity(folder).then((identity) => (watchedFolder ??= identity));
  const rounds = setInterval(() => void poll(), pollMs).unref();
  return {
    signIn,
    close() {
      closed = true;
      clearInterval(rounds);
      clearTimeout(settling);
      drop();
    },
  };
}

async function folderIdentity(folder: string): Promise<string | undefined> {
  return await stat(folder, { bigint: true }).then(
    // An inode's number is soon used again; its time of birth is not.
    ({ ino, birthtimeNs }) => `${ino} ${birthtimeNs}`,
    () => undefined,
  );
}
