import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { install } from '#proxy/cutover/install/install.ts';
import { uninstall } from '#proxy/cutover/install/uninstall.ts';
import { cutoverPlan } from '#proxy/cutover/plan.ts';
import type { CutoverPlan } from '#proxy/cutover/plan.types.ts';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '#shared/postgres/embedded.ts';
import { databasesOf } from '../support/applier.ts';

// A server of its own: prepared transactions are switched on by a setting that needs a restart.
let server: EmbeddedPostgres;
let folder: string;
let plan: CutoverPlan;
let client: Client;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'banyan-prepared-'));
  chmodSync(folder, 0o755);
  server = await startEmbeddedPostgres({
    dataFolder: join(folder, 'pg'),
    durable: false,
    settings: { max_prepared_transactions: '5' },
  });
  const url = server.url('postgres');
  client = new Client({ connectionString: url });
  await client.connect();
  await client.query('create table items (id int primary key)');
  const table = { table: 'items', key: ['id'], partitionKey: ['id'] };
  plan = cutoverPlan('things', {
    ...databasesOf({ monolith: url, service: url }),
    groups: {
      things: {
        buckets: 1,
        datasets: {
          items: { monolith: table, service: table, columns: [{ monolith: 'id', service: 'id' }] },
        },
      },
    },
  });
});
afterAll(async () => {
  await client.end();
  await server.stop();
  rmSync(folder, { recursive: true });
});

test('installing waits for a prepared transaction that wrote there, and names it', async () => {
  await client.query(`begin; insert into items values (1); prepare transaction 'old'`);
  await expect(install(plan, 'monolith', { lockWaitMs: 20, giveUpMs: 200 })).rejects.toMatchObject({
    code: 'TABLE_BUSY',
    message: expect.stringContaining('prepared transaction'),
  });
  await client.query(`commit prepared 'old'`);
  await install(plan, 'monolith');
});

test('a prepared write keeps its bucket until it ends: no marker passes it, and its change comes with its commit', async () => {
  await client.query(`begin; insert into items values (2); prepare transaction 'new'`);
  const changes = async () =>
    (await client.query<{ op: string }>('select op::text as op from banyan.outbox order by seq')).rows.map(
      ({ op }) => op,
    );
  expect(await changes()).toEqual([]);
  await expect(
    client.query(`set lock_timeout = 50; select banyan.put_marker('things', 0, 2)`),
  ).rejects.toMatchObject({ code: '55P03' });
  await client.query(`commit prepared 'new'`);
  await client.query(`select banyan.put_marker('things', 0, 2)`);
  expect(await changes()).toEqual(['P', 'M']);
});

test('uninstalling leaves the rows', async () => {
  await uninstall(plan, 'monolith');
  expect((await client.query('select id from items order by id')).rows).toEqual([{ id: 1 }, { id: 2 }]);
});
