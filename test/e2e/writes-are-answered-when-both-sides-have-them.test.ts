import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, Pool } from 'pg';
import { setStage } from '#flags/edit-file.ts';
import type { Status } from '#proxy/control/status.ts';
import { freePort } from '#shared/postgres/embedded.ts';
import { gatedWorld, type World } from '#test/proxy/cutover/support/world.ts';
import { writePairFiles, type PairFiles } from '#test/proxy/control/cli/cutover/pair-files.ts';
import { startBanyanRun, type BanyanRun } from '#test/support/banyan-run.ts';
import { writeMigrationFiles } from '#test/support/migration-files.ts';

let world: World;
let files: PairFiles;
let flags: string;
let banyan: BanyanRun;
let old: Server;
let owner: Pool;
let follower: Pool;

/** Puts a card into the owner's database; 201 when it is committed. */
function startOld(): Server {
  return createServer((request, response) => {
    const signature = request.url?.split('/').at(-1) ?? '';
    request.resume();
    owner
      .query(
        `insert into cards (house, signature, heading, rev, touched) values ('north', $1, 'put', 1, now())
         on conflict (house, signature) do update set rev = cards.rev + 1`,
        [signature],
      )
      .then(
        () => response.writeHead(201).end('put'),
        () => response.writeHead(500).end(),
      );
  });
}

beforeAll(async () => {
  world = await gatedWorld('second');
  owner = new Pool({ connectionString: world.databases.monolith.url, max: 4 });
  follower = new Pool({ connectionString: world.databases.service.url, max: 4 });
  old = startOld().listen(0, '127.0.0.1');
  await once(old, 'listening');
  files = writePairFiles(world);
  const [port, adminPort] = [await freePort(), await freePort()];
  const config = JSON.parse(readFileSync(files.config, 'utf8')) as {
    targets: Record<string, unknown>;
    migrations: Record<string, { data: object } & object>;
  };
  const archive = config.migrations['archive'] ?? { data: {} };
  Object.assign(archive, {
    migrationFlag: 'items-stage',
    routes: [{ name: 'card-put', match: 'PUT /cards/:id', key: { path: 'id' } }],
  });
  Object.assign(archive.data, { acknowledge: 'both', acknowledgeWithin: '300ms' });
  config.targets['old'] = { url: `http://127.0.0.1:${(old.address() as AddressInfo).port}` };
  writeFileSync(
    files.config,
    JSON.stringify({ ...config, listen: { port }, admin: { port: adminPort }, workers: 2 }),
  );
  const like = writeMigrationFiles();
  flags = join(dirname(files.config), 'flags.json');
  copyFileSync(like.flags, flags);
  like.remove();
  banyan = startBanyanRun({ config: files.config, port, adminPort });
  await setStage({ file: flags, flag: 'items-stage', stage: 'dualwrite' });
  await banyan.until(({ cutover }) => cutover?.[0]?.phase === 'following');
}, 60_000);

afterAll(async () => {
  await banyan.end('SIGTERM');
  old.closeAllConnections();
  old.close();
  await Promise.all([owner.end(), follower.end()]);
  rmSync(flags);
  files.remove();
  await world.drop();
});

let count = 0;
/** @returns what the answer says, having looked whether it is so */
async function put(): Promise<string | null> {
  count += 1;
  const name = `c${count}`;
  const response = await fetch(`${banyan.url}/cards/${name}`, { method: 'PUT', body: 'x' });
  expect([response.status, await response.text()]).toEqual([201, 'put']);
  const said = response.headers.get('banyan-acknowledged');
  if (said === 'both') {
    const { rowCount } = await follower.query(`select from documents where code = $1`, [name]);
    expect([name, rowCount]).toEqual([name, 1]);
  }
  return said;
}

async function putUntil(wanted: string): Promise<void> {
  while ((await put()) !== wanted) await delay(50);
}

const sum = ({ workers }: Status, of: (one: Status['workers'][number]['acknowledge'][string]) => number) =>
  workers.reduce(
    (total, { acknowledge }) => total + Object.values(acknowledge).reduce((t, one) => t + of(one), 0),
    0,
  );

test('both, and the follower has it; without the follower the owner alone, and none waits in vain; then both again', async () => {
  for (let times = 0; times < 20; times += 1) await putUntil('both');
  const holder = new Client({ connectionString: world.databases.service.url });
  await holder.connect();
  await holder.query('begin; lock table documents in access exclusive mode');
  await putUntil('owner');
  await Promise.all(Array.from({ length: 20 }, async () => expect(await put()).toBe('owner')));
  const status = await banyan.until((now) =>
    now.workers.some(({ acknowledge }) => acknowledge['archive']?.breaker === 'open'),
  );
  expect(sum(status, ({ degraded }) => degraded.late ?? 0)).toBeGreaterThanOrEqual(5);
  await holder.query('rollback');
  await holder.end();
  await putUntil('both');
  expect(banyan.output()).toContain('writes were answered before both sides had them');
}, 60_000);

test('workers that are replaced under writes lose no answer; a mover that is killed holds nobody up', async () => {
  const pids = async () => (await banyan.until(() => true)).workers.map(({ pid }) => pid);
  const before = await pids();
  const putting = new AbortController();
  const clients = Array.from({ length: 4 }, async () => {
    while (!putting.signal.aborted) await put();
  });
  banyan.signal('SIGHUP');
  await banyan.until(
    ({ workers }) => workers.length === 2 && workers.every(({ pid }) => !before.includes(pid)),
  );
  const [, mover = ''] = /"pid":(\d+),"restarts":0,"msg":"the mover has started"/.exec(banyan.output()) ?? [];
  process.kill(Number(mover), 'SIGKILL');
  await banyan.until(({ workers }) =>
    workers.some(({ acknowledge }) => (acknowledge['archive']?.degraded['no-mover'] ?? 0) > 0),
  );
  putting.abort();
  await Promise.all(clients);
  await putUntil('both');
}, 60_000);
