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
import { codeOf } from '#shared/errors/code.ts';
import { isPassable, runAs } from '#shared/postgres/binaries.ts';
import { isOfLock, takeFolder } from './folder-lock.ts';
import { writing } from './writing.ts';

/** What lies where; absolute paths. */
export interface DataPlaces {
  readonly path: string;
  readonly postgres: string;
  readonly logs: string;
  readonly flagFile: string;
  /** The configuration that the proxy goes by: the given one, as the run has brought it further. */
  readonly configFile: string;
  /** What a second terminal needs; only there while the sample runs. */
  readonly envFile: string;
}

export interface DataFolder extends DataPlaces {
  /** What an earlier run has seeded here, completely. */
  seeded(): Seeded | undefined;
  markSeeded(seeded: Seeded): void;
  /** What is there counts no more: it is being made anew. */
  unmarkSeeded(): void;
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
const root = fileURLToPath(new URL('..', import.meta.url));

/** Without `--data`: `.data` in the repository, or below the temporary folder where PostgreSQL's user can't get there. */
function defaultDataFolder(): string {
  const inRepository = join(root, '.data');
  return runAs() === undefined || isPassable(inRepository) ? inRepository : join(tmpdir(), 'banyan-data');
}

/** @param given the folder of `--data`, or none for the default one */
export function dataPlaces(given: string | undefined): DataPlaces {
  const path = resolve(given ?? defaultDataFolder());
  return {
    path,
    postgres: join(path, 'postgres'),
    logs: join(path, 'logs'),
    flagFile: join(path, 'flags.json'),
    configFile: join(path, 'banyan.yaml'),
    envFile: join(path, 'banyan.env'),
  };
}

/**
 * Makes or takes the folder, for one run at a time.
 * @throws an Error that says what to do: another run has it, it is not ours, we or PostgreSQL's user can't get there
 */
export async function openDataFolder(places: DataPlaces): Promise<DataFolder> {
  const { path, logs } = places;
  refuseFile(path);
  refuseForeign(path);
  if (runAs() !== undefined && !isPassable(dirname(path))) {
    throw new Error(
      `PostgreSQL does not run as root, and its user may not pass to ${path}: choose a folder below ${tmpdir()} with --data`,
    );
  }
  makeFolder(path);
  const release = await takeFolder(path);
  const mark = join(path, markName);
  const begin = (): void => {
    if (!existsSync(mark)) writeMark(mark, {});
    writing(logs, () => mkdirSync(logs, { recursive: true }));
  };
  try {
    // For that user to pass through, whatever the umask.
    if (runAs() !== undefined) writing(path, () => chmodSync(path, 0o755));
    begin();
  } catch (error) {
    release();
    throw error;
  }
  return {
    ...places,
    seeded: () => readMark(mark).seeded,
    markSeeded: (seeded) => writeMark(mark, { seeded }),
    unmarkSeeded: () => writeMark(mark, {}),
    forget() {
      for (const name of readdirSync(path)) {
        if (!isOfLock(name))
          writing(join(path, name), () => rmSync(join(path, name), { recursive: true, force: true }));
      }
      begin();
    },
    release,
  };
}

/** Folder by folder: Node's own recursive mkdir never comes back from a file system such as /proc. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (cause) {
    const code = codeOf(cause) ?? 'unknown';
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
  if (readdirSync(path).some((name) => !isOfLock(name)))
    throw new Error(`${path} is not empty and not of an earlier run: choose another folder with --data`);
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
  const text = `${JSON.stringify({ madeBy: 'npm start (Banyan sample)', ...mark }, undefined, 2)}\n`;
  writing(file, () => {
    writeFileSync(draft, text);
    renameSync(draft, file);
  });
}
