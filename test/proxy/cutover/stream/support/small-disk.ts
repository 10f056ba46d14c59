import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A disk of a few MiB that can be filled for real. */
export interface SmallDisk {
  /** Where a tablespace may lie. */
  readonly folder: string;
  fill(): void;
  makeRoom(): void;
  remove(): void;
}

/**
 * A tmpfs of its own, the folder on it the server's.
 * @param dataFolder of the server, whose owner will own the folder
 * @returns `undefined` where this process may not mount one
 */
export function smallDisk(dataFolder: string, sizeMiB: number): SmallDisk | undefined {
  const at = mkdtempSync(join(tmpdir(), 'banyan-small-disk-'));
  chmodSync(at, 0o755);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeMiB}m,mode=755`, 'tmpfs', at], { stdio: 'pipe' });
  } catch {
    rmSync(at, { recursive: true });
    return undefined;
  }
  const folder = join(at, 'space');
  const filler = join(at, 'filler');
  mkdirSync(folder, { mode: 0o700 });
  const { uid, gid } = statSync(dataFolder);
  chownSync(folder, uid, gid);
  const makeRoom = () => rmSync(filler, { force: true });
  return {
    folder,
    fill() {
      // Page by page, until not one is left.
      for (let full = false; !full;)
        try {
          writeFileSync(filler, Buffer.alloc(4_096), { flag: 'a' });
        } catch {
          full = true;
        }
    },
    makeRoom,
    remove() {
      execFileSync('umount', ['-l', at]);
      rmSync(at, { recursive: true, force: true });
    },
  };
}

/** Whether this process may mount one; says so on standard error where not. */
export function mayMount(): boolean {
  const disk = smallDisk(tmpdir(), 1);
  disk?.remove();
  if (disk === undefined)
    process.stderr.write('SKIPPED: a full disk needs a tmpfs of its own, which needs root\n');
  return disk !== undefined;
}
