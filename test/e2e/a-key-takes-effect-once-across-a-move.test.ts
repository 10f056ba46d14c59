import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Pool, type PoolClient } from 'pg';
import type { Side } from '#flags/stages.ts';
import { startBackfill } from '#proxy/cutover/backfill/backfill.ts';
import { install } from '#proxy/cutover/install/install.ts';
import { uninstall } from '#proxy/cutover/install/uninstall.ts';
import { moveBuckets } from '#proxy/cutover/move/move.ts';
import { bothSides, cutoverPlan, otherSide } from '#proxy/cutover/plan.ts';
import type { CutoverPlan } from '#proxy/cutover/plan.types.ts';
import { startStream, type Stream } from '#proxy/cutover/stream/start-stream.ts';
import { notOwnerProblem } from '#shared/http/not-owner.ts';
import { databasesOf } from '#test/proxy/cutover/support/applier.ts';
import { quiet } from '#test/proxy/cutover/move/support/items.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';
import { writeMigrationFiles, type MigrationFiles } from '#test/support/migration-files.ts';
import { startRole, type TestRole } from '#test/support/proxy-role.ts';
import { startUpstream, type Upstream } from '#test/support/upstream.ts';

// The application's table of idempotency keys is a dataset of the group that the keys' writes belong to, so that a key that
// was used on the old owner is known to the new one.

const tables = `create table accounts (id int primary key, balance int not null);
  create table used_keys (id int not null, idempotency_key text not null, answer int not null, primary key (id, idempotency_key))`;

let databases: Readonly<Record<Side, TestDatabase>>;
let plan: CutoverPlan;
const streams: Stream[] = [];
const pools: Pool[] = [];
const upstreams: Upstream[] = [];
let files: MigrationFiles;
let proxy: TestRole;
/** The next commit's answer is lost on its way. */
let losesAnswer = false;

beforeAll(async () => {
  databases = { monolith: await createTestDatabase('empty'), service: await createTestDatabase('empty') };
  for (const side of bothSides) await databases[side].query(tables);
  await databases.monolith.query('insert into accounts values (1, 100)');
  const dataset = (table: string, key: readonly string[], columns: readonly string[]) => {
    const place = { table, key: [...key], partitionKey: ['id'] };
    return {
      monolith: place,
      service: place,
      columns: columns.map((name) => ({ monolith: name, service: name })),
    };
  };
  plan = cutoverPlan('money', {
    ...databasesOf({ monolith: databases.monolith.url, service: databases.service.url }),
    groups: {
      accounts: {
        buckets: 256,
        datasets: {
          accounts: dataset('accounts', ['id'], ['id', 'balance']),
          'used-keys': dataset('used_keys', ['id', 'idempotency_key'], ['id', 'idempotency_key', 'answer']),
        },
      },
    },
  });
  for (const side of bothSides) await install(plan, side);
  for (const from of bothSides) streams.push(await startStream({ plan, from, log: quiet }));
  await startBackfill({ plan, to: 'service', log: quiet, signal: new AbortController().signal });
  const old = await startApplication('monolith');
  const fresh = await startApplication('service');
  files = writeMigrationFiles({ old: old.url, new: fresh.url });
  proxy = await startRole(files.config);
});
afterAll(async () => {
  await proxy.role.stop();
  files.remove();
  await Promise.all(upstreams.map((upstream) => upstream.close()));
  await Promise.all([...pools.map((pool) => pool.end()), ...streams.map((stream) => stream.stop())]);
  for (const side of bothSides) await uninstall(plan, side);
  for (const side of bothSides) await databases[side].drop();
});

/** `PUT /items/:id` takes 10 from an account, once for each `Idempotency-Key`. */
async function startApplication(side: Side): Promise<Upstream> {
  const pool = new Pool({ connectionString: databases[side].url, max: 2 });
  pools.push(pool);
  const upstream = await startUpstream(side, (request, response) => {
    const id = Number(request.url?.split('/').at(-1));
    spend(pool, id, String(request.headers['idempotency-key'])).then(
      (answer) => {
        if (losesAnswer) {
          losesAnswer = false;
          response.socket?.destroy();
        } else response.end(JSON.stringify({ side, ...answer }));
      },
      (error: unknown) => {
        const refused = notOwnerProblem(error);
        response.writeHead(refused?.status ?? 500, { ...refused?.headers }).end();
      },
    );
  });
  upstreams.push(upstream);
  return upstream;
}

async function spend(pool: Pool, id: number, key: string): Promise<{ balance: number; replayed: boolean }> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    const answer = await spendOnce(client, id, key);
    await client.query('commit');
    return answer;
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}

async function spendOnce(client: PoolClient, id: number, key: string) {
  const used = await client.query<{ answer: number }>(
    'select answer from used_keys where id = $1 and idempotency_key = $2',
    [id, key],
  );
  const [first] = used.rows;
  if (first !== undefined) return { balance: first.answer, replayed: true };
  const { rows } = await client.query<{ balance: number }>(
    'update accounts set balance = balance - 10 where id = $1 returning balance',
    [id],
  );
  const balance = rows[0]?.balance ?? 0;
  await client.query('insert into used_keys values ($1, $2, $3)', [id, key, balance]);
  return { balance, replayed: false };
}

const ask = (key: string): Promise<Response> =>
  fetch(`${proxy.url}/items/1`, { method: 'PUT', headers: { 'idempotency-key': key, connection: 'close' } });
const move = (to: Side) =>
  moveBuckets({
    plan,
    group: 'accounts',
    to,
    buckets: Array.from({ length: 256 }, (_, bucket) => bucket),
    by: 'test',
    log: quiet,
    checks: 'safe',
  });

test('a commit whose answer was lost is not done again by the new owner, and the answer is the first one', async () => {
  losesAnswer = true;
  // The proxy does not send a write again of which it knows nothing.
  expect((await ask('k1')).status).toBe(502);
  await move('service');
  // Whoever still thinks that the old owner takes it is told the first answer there too: its copy of the key is the same.
  expect(await (await ask('k1')).json()).toMatchObject({ balance: 90, replayed: true });
  expect(await (await ask('k2')).json()).toEqual({ side: 'service', balance: 80, replayed: false });
  expect(await (await ask('k1')).json()).toEqual({ side: 'service', balance: 90, replayed: true });
  await move('monolith');
  for (const [key, balance] of [
    ['k1', 90],
    ['k2', 80],
  ] as const)
    expect(await (await ask(key)).json()).toMatchObject({ balance, replayed: true });
  expect(await (await ask('k3')).json()).toEqual({ side: 'monolith', balance: 70, replayed: false });
  for (const side of bothSides) {
    const snapshot = await databases[otherSide(side)].query<{ at: string }>(
      'select pg_current_snapshot()::text as at',
    );
    await streams.find(({ from }) => from !== side)?.drainedUpTo(snapshot[0]?.at ?? '');
  }
  for (const side of bothSides)
    expect(await databases[side].query('select balance from accounts')).toEqual([{ balance: 70 }]);
});
