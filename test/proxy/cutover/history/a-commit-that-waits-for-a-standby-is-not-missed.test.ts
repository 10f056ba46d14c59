import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { startBackfill } from '#proxy/cutover/backfill/backfill.ts';
import { install } from '#proxy/cutover/install/install.ts';
import { cutoverPlan } from '#proxy/cutover/plan.ts';
import { startStream } from '#proxy/cutover/stream/start-stream.ts';
import { databasesOf } from '../support/applier.ts';
import { silent } from '../support/bulk-fixture.ts';
import { startServerPair, type ServerPair } from './support/server-pair.ts';

let servers: ServerPair;

beforeAll(async () => {
  servers = await startServerPair();
}, 120_000);
afterAll(() => servers.stop(), 60_000);

const table = { table: 'items', key: ['id'], partitionKey: ['id'] };
const query = (side: 'monolith' | 'service', text: string) => servers.query<object>(side, 'things', text);

test('its row is in the log but seen by no one; chunks and pages go past it, and it comes all the same', async () => {
  for (const side of ['monolith', 'service'] as const) {
    await servers.query(side, 'postgres', 'create database things');
    await query(side, 'create table items (id int primary key, n int)');
  }
  const plan = cutoverPlan('things', {
    ...databasesOf({
      monolith: servers.url('monolith', 'things'),
      service: servers.url('service', 'things'),
    }),
    groups: {
      things: {
        buckets: 1,
        datasets: {
          items: {
            monolith: table,
            service: table,
            columns: ['id', 'n'].map((name) => ({ monolith: name, service: name })),
          },
        },
      },
    },
  });
  for (const side of ['monolith', 'service'] as const) await install(plan, side);
  await query('monolith', 'insert into items select n, 0 from generate_series(1, 10) n');

  await query('monolith', `alter system set synchronous_standby_names = 'missing'`);
  await query('monolith', 'select pg_reload_conf()');
  const writer = new Client({ connectionString: servers.url('monolith', 'things') });
  await writer.connect();
  const waiting = writer.query('update items set n = 1 where id = 3; insert into items values (11, 1)');
  const waits = () =>
    query('monolith', `select from pg_stat_activity where wait_event = 'SyncRep'`).then(
      ({ length }) => length,
    );
  for (let tries = 0; (await waits()) === 0 && tries < 400; tries += 1) await delay(25);
  expect(await waits()).toBe(1);

  const stream = await startStream({ plan, from: 'monolith', log: silent });
  const signal = new AbortController().signal;
  await startBackfill({ plan, to: 'service', log: silent, signal, reached: (at) => stream.drainedUpTo(at) });
  expect(await query('service', 'select count(*)::int as rows, sum(n)::int as sum from items')).toEqual([
    { rows: 10, sum: 0 },
  ]);
  await query('monolith', 'alter system reset synchronous_standby_names');
  await query('monolith', 'select pg_reload_conf()');
  await waiting;
  await writer.end();
  const [now] = (await query('monolith', 'select pg_current_snapshot()::text as at')) as { at: string }[];
  await stream.drainedUpTo(now?.at ?? '');
  await stream.stop();
  expect(await query('service', 'select n from items where id in (3, 11)')).toEqual([{ n: 1 }, { n: 1 }]);
}, 60_000);
