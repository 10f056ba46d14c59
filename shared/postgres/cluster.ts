import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { codeOf } from '#shared/errors/code.ts';
import { messageOf } from '#shared/errors/message.ts';
import { lastWords } from '#shared/process/last-words.ts';
import { runAs, type Binaries } from './binaries.ts';

/** The login that initdb makes. */
export const superuser = 'banyan';

/** Where the superuser's password lies: beside the cluster, for its owner alone. */
export function passwordFileOf(dataFolder: string): string {
  return `${dataFolder}.password`;
}

/**
 * Makes a cluster with initdb where there is none, with a password of its own drawn at random: any program on this machine
 * reaches a port on loopback. A start that was killed half-way leaves no half cluster.
 * @returns the superuser's password
 * @throws an Error that says what to do: initdb failed, the folder holds something else, the password is not there
 */
export async function ensureCluster(binaries: Binaries, dataFolder: string): Promise<string> {
  if (existsSync(join(dataFolder, 'PG_VERSION'))) return readPassword(dataFolder);
  const draft = `${dataFolder}.new`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true, mode: 0o700 });
  const password = randomBytes(32).toString('base64url');
  try {
    await initialise(binaries, { draft, dataFolder, password });
    // Where there is an empty folder already; what is in another one is not ours to delete.
    if (existsSync(dataFolder)) rmdirSync(dataFolder);
    renameSync(draft, dataFolder);
    return password;
  } catch (cause) {
    for (const path of [draft, passwordFileOf(dataFolder)]) rmSync(path, { recursive: true, force: true });
    if (codeOf(cause) !== 'ENOTEMPTY') throw cause;
    throw new Error(
      `${dataFolder} is not empty and holds no PostgreSQL: empty it, or choose another folder`,
      {
        cause,
      },
    );
  }
}

function readPassword(dataFolder: string): string {
  const file = passwordFileOf(dataFolder);
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    const code = codeOf(cause) ?? 'unknown';
    const why =
      code === 'ENOENT' ? 'is not there; clusters of an older version had none' : `cannot be read (${code})`;
    throw new Error(
      `the password of the PostgreSQL on ${dataFolder} is unknown: ${file} ${why}. ` +
        'Put the file back, or delete the folder and let the data be made anew',
      { cause },
    );
  }
}

interface NewCluster {
  readonly draft: string;
  readonly dataFolder: string;
  readonly password: string;
}

async function initialise(binaries: Binaries, { draft, dataFolder, password }: NewCluster): Promise<void> {
  const user = runAs();
  const passwordFile = passwordFileOf(dataFolder);
  rmSync(passwordFile, { force: true });
  writeFileSync(passwordFile, password, { mode: 0o600, flag: 'wx' });
  if (user !== undefined) for (const path of [draft, passwordFile]) chownSync(path, user.uid, user.gid);
  const locale = ['--encoding=UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C'];
  const access = ['--auth=scram-sha-256', `--username=${superuser}`, `--pwfile=${passwordFile}`];
  const initdb = spawn(binaries.initdb, [`--pgdata=${draft}`, ...access, ...locale, '--no-sync'], {
    ...user,
    cwd: '/',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const words = lastWords(initdb.stderr);
  const [code] = (await once(initdb, 'exit').catch((cause: unknown) => {
    throw new Error(`initdb could not be started: ${messageOf(cause)}`, { cause });
  })) as [number | null];
  if (code !== 0) throw new Error(`initdb could not make ${dataFolder}: ${words()}`);
  // initdb has read it; from here on it is for us alone.
  if (user !== undefined) chownSync(passwordFile, process.getuid?.() ?? 0, process.getgid?.() ?? 0);
}
