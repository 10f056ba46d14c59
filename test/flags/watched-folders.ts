import { readdirSync, readFileSync, statSync } from 'node:fs';

/**
 * Whether this process watches a folder right now, as Linux tells it; `undefined` elsewhere. Watches that keep no process
 * alive are in none of Node's own lists.
 */
export function isWatched(folder: string): boolean | undefined {
  if (process.platform !== 'linux') return undefined;
  const inode = statSync(folder).ino.toString(16);
  return readdirSync('/proc/self/fdinfo').some((fd) => {
    try {
      return readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8').includes(` ino:${inode} `);
    } catch {
      // Closed since it was listed.
      return false;
    }
  });
}
