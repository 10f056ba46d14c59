import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isPassable, runAs } from '#shared/postgres/binaries.ts';

export interface DataFolder {
  readonly path: string;
  readonly postgres: string;
  readonly logs: string;
  readonly flagFile: string;
  /** What an earlier run has seeded here, completely. */
  seeded(): Seeded | undefined;
  markSeeded(seeded: Seeded): void;
  /** Deletes what earlier runs have left. No server may run on it any more. */
  forget(): void;
  /** Lets the next run have the folder. */
  release(): void;
}

export interface Seeded {
  readonly scale: number;
  readonly seed: number;
  /** Of the schema and the seed's rules: data of another version is not taken for ours. */
  readonly fingerprint: string;
}

/** The one file that says that a folder is ours; without it nothing in a folder is touched. */
const markName = 'banyan-sample.json';
const lockName = 'running.lock';
const root = fileURLToPath(new URL('..', import.meta.url));

/** Without `--data`: `.data` in the repository, or below the temporary folder where PostgreSQL's user can't get there. */
export function defaultDataFolder(): string {
  const inRepository = join(root, '.data');
  return runAs() === undefined || isPassable(inRepository) ? inRepository : join(tmpdir(), 'banyan-data');
}

/**
 * Makes or takes the folder, for one run at a time.
 * @throws an Error that says what to do: another run has it, it is not ours, PostgreSQL's user can't get there
 */
export function openDataFolder(given: string): DataFolder {
  const path = resolve(given);
  refuseFile(path);
  refuseForeign(path);
  if (runAs() !== undefined && !isPassable(dirname(path))) {
    throw new Error(
      `PostgreSQL does not run as root, and its user may not pass to ${path}: choose a folder below ${tmpdir()} with --data`,
    );
  }
  makeFolder(path);
  // For that user to pass through, whatever the umask.
  if (runAs() !== undefined) chmodSync(path, 0o755);
  takeLock(path);
  const mark = join(path, markName);
  const begin = (): void => {
    if (!existsSync(mark)) writeMark(mark, {});
    mkdirSync(join(path, 'logs'), { recursive: true });
  };
  begin();
  return {
    path,
    postgres: join(path, 'postgres'),
    logs: join(path, 'logs'),
    flagFile: join(path, 'flags.json'),
    seeded: () => readMark(mark).seeded,
    markSeeded: (seeded) => writeMark(mark, { seeded }),
    forget() {
      for (const name of readdirSync(path)) {
        if (name !== lockName) rmSync(join(path, name), { recursive: true, force: true });
      }
      begin();
    },
    release: () => rmSync(join(path, lockName), { force: true }),
  };
}

/** Folder by folder: Node's own recursive mkdir never comes back from a file system such as /proc. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (cause) {
    const code = Error.isError(cause) && 'code' in cause ? String(cause.code) : 'unknown';
    // Another run may have made it meanwhile.
    if (code === 'EEXIST') return;
    throw new Error(`${path} cannot be made (${code}): choose another folder with --data`, { cause });
  }
}

function refuseFile(path: string): void {
  if (existsSync(path) && !statSync(path).isDirectory())
    throw new Error(`${path} is a file: choose a folder with --data`);
  if (dirname(path) !== path) refuseFile(dirname(path));
}

function refuseForeign(path: string): void {
  if (!existsSync(path) || existsSync(join(path, markName))) return;
  if (readdirSync(path).some((name) => name !== lockName))
    throw new Error(`${path} is not empty and not of an earlier run: choose another folder with --data`);
}

function takeLock(path: string): void {
  const lock = join(path, lockName);
  for (let attempt = 0; attempt < 2; attempt += 1) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      return;
    } catch (error) {
      if (!Error.isError(error) || !('code' in error) || error.code !== 'EEXIST') throw error;
    }
    const holder = Number(readFileSync(lock, 'utf8'));
    if (isAlive(holder)) {
      throw new Error(
        `process ${holder} is running the sample on ${path}: end it, or choose another folder with --data ` +
          `(if process ${holder} is something else, delete ${lock})`,
      );
    }
    rmSync(lock, { force: true });
  }
  throw new Error(`another run is just taking ${path}: try again`);
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return Error.isError(error) && 'code' in error && error.code === 'EPERM';
  }
}

interface Mark {
  readonly seeded?: Seeded;
}

function readMark(file: string): Mark {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Mark;
  } catch {
    // Cut off while it was written: as if nothing had been seeded.
    return {};
  }
}

function writeMark(file: string, mark: Mark): void {
  const draft = `${file}.new`;
  writeFileSync(draft, `${JSON.stringify({ madeBy: 'npm start (Banyan sample)', ...mark }, undefined, 2)}\n`);
  renameSync(draft, file);
}
