import { statfsSync } from 'node:fs';

// Measured: 200 MB for both databases at scale 0.01. PostgreSQL keeps about 1 GB of write-ahead log beside them.
const bytesAtFullScale = 20e9;
const fixedBytes = 0.1e9;
const logBytes = 1.2e9;

/** What the data of a run takes on disk, roughly. */
export function neededBytes(scale: number): number {
  const data = bytesAtFullScale * scale;
  return fixedBytes + data + Math.min(logBytes, 2 * data);
}

/** @throws an Error that says how much is needed and how much there is, before hours of seeding end in "disk full" */
export function checkDiskRoom(
  folder: string,
  scale: number,
  freeBytes: (folder: string) => number = freeBytesAt,
): void {
  const [needed, free] = [neededBytes(scale), freeBytes(folder)];
  if (needed <= free) return;
  throw new Error(
    `--scale ${scale} needs about ${gigabytes(needed)} GB of disk, and ${folder} has ${gigabytes(free)} GB: ` +
      `choose a smaller --scale, or a folder on another disk with --data`,
  );
}

function freeBytesAt(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(1);
}
