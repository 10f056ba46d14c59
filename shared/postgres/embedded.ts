import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { codeOf } from '#shared/errors/code.ts';
import { lastWords } from '#shared/process/last-words.ts';
import { findBinaries, runAs, type Binaries } from './binaries.ts';
import { ensureCluster, passwordFileOf, superuser } from './cluster.ts';

export interface EmbeddedPostgres {
  readonly port: number;
  readonly dataFolder: string;
  /** Connection string for one of its databases, as the superuser of this private server if no other login is given. */
  url(database: string, login?: Login): string;
  /** A fast shutdown (running transactions are rolled back). The data stays. */
  stop(): Promise<void>;
  /** Settles when the server has ended, asked or not. */
  readonly ended: Promise<void>;
}

export interface Login {
  readonly role: string;
  readonly password: string;
}

export interface EmbeddedPostgresOptions {
  /** Made by initdb when it holds no cluster yet; the superuser's password is kept beside it, in `….password`. */
  readonly dataFolder: string;
  /** Loopback port; 0 or none takes a free one. */
  readonly port?: number;
  /** `false` switches flushing off: for tests, whose data may be lost. Default true. */
  readonly durable?: boolean;
  /** More `name: value` server settings. */
  readonly settings?: Readonly<Record<string, string>>;
  /** For the server to come up, recovery after a crash included. Milliseconds. Default 60,000. */
  readonly startWithinMs?: number;
}

const startLimitMs = 60_000;
const wrongPassword = '28P01';

/**
 * Starts a real PostgreSQL from npm on loopback. It ends with this process, also on SIGKILL: a watchdog process holds
 * a pipe to us and shuts the server down when the pipe closes.
 * @throws an Error with the server's own last words when it does not come up; nothing of it runs any more then
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const binaries = await findBinaries();
  const { dataFolder, durable = true, startWithinMs = startLimitMs } = options;
  const password = await ensureCluster(binaries, dataFolder);
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
  let spawnError: Error | undefined;
  const ended = new Promise<void>((resolve) => {
    watchdog.once('exit', () => resolve());
    watchdog.once('error', (error) => {
      spawnError = error;
      resolve();
    });
  });
  const url = (database: string, login: Login = { role: superuser, password }): string =>
    `postgres://${encodeURIComponent(login.role)}:${encodeURIComponent(login.password)}@127.0.0.1:${port}/${encodeURIComponent(database)}`;
  const stop = async (): Promise<void> => {
    watchdog.stdin?.end();
    await ended;
  };
  const lastSaid = (): string => spawnError?.message ?? words();
  try {
    await ready({ url: url('postgres'), ended, words: lastSaid, dataFolder, withinMs: startWithinMs });
  } catch (error) {
    await stop();
    throw error;
  }
  return { port, dataFolder, url, ended, stop };
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
  readonly withinMs: number;
}

async function ready({ url, ended, words, dataFolder, withinMs }: Starting): Promise<void> {
  let gone = false;
  void ended.then(() => (gone = true));
  for (const deadline = Date.now() + withinMs; Date.now() < deadline; await delay(40)) {
    if (gone) throw new Error(`PostgreSQL did not start on ${dataFolder}: ${words()}`);
    const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
    try {
      await client.connect();
      return;
    } catch (cause) {
      if (codeOf(cause) === wrongPassword) throw passwordError(dataFolder, cause);
      // Not listening yet, or still recovering ("the database system is starting up").
    } finally {
      await client.end().catch(() => undefined);
    }
  }
  throw new Error(`PostgreSQL on ${dataFolder} was not ready within ${withinMs / 1_000} s: ${words()}`);
}

function passwordError(dataFolder: string, cause: unknown): Error {
  return new Error(
    `the PostgreSQL on ${dataFolder} has another password than ${passwordFileOf(dataFolder)} says: ` +
      'put the right file back, or delete both and let the data be made anew',
    { cause },
  );
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
