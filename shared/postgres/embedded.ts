import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { lastWords } from '#shared/process/last-words.ts';
import { findBinaries, runAs, type Binaries } from './binaries.ts';

export interface EmbeddedPostgres {
  readonly port: number;
  readonly dataFolder: string;
  /** Connection string for one of its databases, as the superuser of this private server. */
  url(database: string): string;
  /** A fast shutdown (running transactions are rolled back). The data stays. */
  stop(): Promise<void>;
  /** Settles when the server has ended, asked or not. */
  readonly ended: Promise<void>;
}

export interface EmbeddedPostgresOptions {
  /** Made by initdb when it holds no cluster yet. */
  readonly dataFolder: string;
  /** Loopback port; 0 or none takes a free one. */
  readonly port?: number;
  /** `false` switches flushing off: for tests, whose data may be lost. Default true. */
  readonly durable?: boolean;
  /** More `name: value` server settings. */
  readonly settings?: Readonly<Record<string, string>>;
}

const superuser = 'banyan';
const password = 'banyan';
const startLimitMs = 60_000;

/**
 * Starts a real PostgreSQL from npm on loopback. It ends with this process, also on SIGKILL: a watchdog process holds
 * a pipe to us and shuts the server down when the pipe closes.
 * @throws an Error with the server's own last words when it does not come up
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const binaries = await findBinaries();
  const { dataFolder, durable = true } = options;
  if (!existsSync(join(dataFolder, 'PG_VERSION'))) await initialise(binaries, dataFolder);
  const port = options.port === undefined || options.port === 0 ? await freePort() : options.port;
  const settings = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    timezone: 'UTC',
    ...(durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
    ...options.settings,
  };
  const watchdog = spawnWatchdog(binaries, dataFolder, settings);
  const words = lastWords(watchdog.stderr);
  const ended = once(watchdog, 'exit').then(() => undefined);
  const url = (database: string): string =>
    `postgres://${superuser}:${password}@127.0.0.1:${port}/${encodeURIComponent(database)}`;
  await ready({ url: url('postgres'), ended, words, dataFolder });
  return {
    port,
    dataFolder,
    url,
    ended,
    async stop() {
      watchdog.stdin?.end();
      await ended;
    },
  };
}

async function initialise(binaries: Binaries, dataFolder: string): Promise<void> {
  const user = runAs();
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  const passwordFile = `${dataFolder}.password`;
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (user !== undefined) for (const path of [dataFolder, passwordFile]) chownSync(path, user.uid, user.gid);
  const locale = ['--encoding=UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C'];
  const access = ['--auth=scram-sha-256', `--username=${superuser}`, `--pwfile=${passwordFile}`];
  const initdb = spawn(binaries.initdb, [`--pgdata=${dataFolder}`, ...access, ...locale, '--no-sync'], {
    ...user,
    cwd: '/',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const words = lastWords(initdb.stderr);
  try {
    const [code] = (await once(initdb, 'exit')) as [number | null];
    if (code !== 0) throw new Error(`initdb could not make ${dataFolder}: ${words()}`);
  } catch (error) {
    rmSync(dataFolder, { recursive: true, force: true });
    throw error;
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

function spawnWatchdog(
  binaries: Binaries,
  dataFolder: string,
  settings: Record<string, string>,
): ChildProcess {
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const program = fileURLToPath(new URL('watchdog.ts', import.meta.url));
  // Detached: a Ctrl-C in the terminal goes to the whole process group, and the server must outlive its clients' drain.
  const user = runAs();
  const as = user === undefined ? '-' : `${user.uid}:${user.gid}`;
  return spawn(process.execPath, [program, as, binaries.postgres, '-D', dataFolder, ...flags], {
    detached: true,
    cwd: '/',
    stdio: ['pipe', 'ignore', 'pipe'],
  });
}

interface Starting {
  readonly url: string;
  readonly ended: Promise<void>;
  readonly words: () => string;
  readonly dataFolder: string;
}

async function ready({ url, ended, words, dataFolder }: Starting): Promise<void> {
  let gone = false;
  void ended.then(() => (gone = true));
  for (const deadline = Date.now() + startLimitMs; Date.now() < deadline; await delay(40)) {
    if (gone) throw new Error(`PostgreSQL did not start on ${dataFolder}: ${words()}`);
    const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
    try {
      await client.connect();
      return;
    } catch {
      // Not listening yet, or still recovering ("the database system is starting up").
    } finally {
      await client.end().catch(() => undefined);
    }
  }
  throw new Error(`PostgreSQL on ${dataFolder} was not ready within ${startLimitMs / 1000} s: ${words()}`);
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
