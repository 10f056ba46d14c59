import { afterEach, expect, test } from '@jest/globals';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import {
  freePort,
  startEmbeddedPostgres,
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
} from '#shared/postgres/embedded.ts';

const folders: string[] = [];
const servers: EmbeddedPostgres[] = [];

function place(): string {
  const folder = mkdtempSync(join(tmpdir(), 'banyan-cluster-'));
  chmodSync(folder, 0o755);
  folders.push(folder);
  return join(folder, 'pg');
}

async function start(
  dataFolder: string,
  options: Partial<EmbeddedPostgresOptions> = {},
): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ dataFolder, durable: false, ...options });
  servers.push(server);
  return server;
}

async function login(url: string): Promise<string | undefined> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>('select current_user as name');
    return rows[0]?.name;
  } finally {
    await client.end();
  }
}

const passwordOf = (dataFolder: string): string => readFileSync(`${dataFolder}.password`, 'utf8');

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

test('each cluster draws its own password, which lies beside it for its owner alone and holds after a restart', async () => {
  const [one, other] = [place(), place()];
  const [first, second] = await Promise.all([start(one), start(other)]);
  expect(await login(first.url('postgres'))).toBe('banyan');
  const password = passwordOf(one);
  expect(password).toMatch(/^[\w-]{43}$/);
  expect(passwordOf(other)).not.toBe(password);
  const { mode, uid } = statSync(`${one}.password`);
  expect(mode & 0o777).toBe(0o600);
  expect(uid).toBe(process.getuid?.() ?? 0);
  expect(readdirSync(join(one, '..')).toSorted()).toEqual(['pg', 'pg.password']);
  // Neither the old fixed password nor the neighbour's opens it.
  for (const wrong of ['banyan', passwordOf(other)]) {
    await expect(login(first.url('postgres', { role: 'banyan', password: wrong }))).rejects.toThrow(
      /password authentication failed/,
    );
  }

  await Promise.all([first.stop(), second.stop()]);
  const again = await start(one);
  expect(passwordOf(one)).toBe(password);
  expect(await login(again.url('postgres'))).toBe('banyan');
});

test('a cluster without its password, or with a wrong one, is told at once with what to do', async () => {
  const dataFolder = place();
  await (await start(dataFolder)).stop();
  writeFileSync(`${dataFolder}.password`, 'guessed');
  await expect(start(dataFolder)).rejects.toThrow(
    /has another password than .*pg\.password says: put the right file back/,
  );
  rmSync(`${dataFolder}.password`);
  await expect(start(dataFolder)).rejects.toThrow(/pg\.password is not there; .* or delete the folder/);
  expect(existsSync(join(dataFolder, 'postmaster.pid'))).toBe(false);
});

test('a folder with something else in it is left as it is', async () => {
  const dataFolder = place();
  mkdirSync(dataFolder);
  writeFileSync(join(dataFolder, 'thesis.doc'), 'years of work');
  await expect(start(dataFolder)).rejects.toThrow(/pg is not empty and holds no PostgreSQL/);
  expect(readdirSync(join(dataFolder, '..'), { recursive: true }).map(String).toSorted()).toEqual([
    'pg',
    join('pg', 'thesis.doc'),
  ]);
});

// Regression: the watchdog went on, and the server with it, when the wait for it was over.
test('a server that does not answer in time is ended', async () => {
  const dataFolder = place();
  // It listens at another port than the one where we wait for it.
  const elsewhere = await freePort();
  await expect(
    start(dataFolder, { settings: { port: String(elsewhere) }, startWithinMs: 1_500 }),
  ).rejects.toThrow(/was not ready within 1.5 s/);
  expect(existsSync(join(dataFolder, 'postmaster.pid'))).toBe(false);
});

// Regression: this was an unhandled rejection, which ends the process with a stack.
test('a watchdog that cannot be started is an error of the start', async () => {
  const dataFolder = place();
  await (await start(dataFolder)).stop();
  const { execPath } = process;
  try {
    process.execPath = join(dataFolder, 'no-such-node');
    await expect(start(dataFolder)).rejects.toThrow(/PostgreSQL did not start on .*no-such-node ENOENT/);
  } finally {
    process.execPath = execPath;
  }
});
