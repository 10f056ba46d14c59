import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { intervalJudge } from '#test/proxy/shadow/report/interval-judge.ts';
import { createPostgresStore } from '#proxy/shadow/report/postgres-store.ts';
import type { ShadowStore } from '#proxy/shadow/report/store.types.ts';
import { createLog } from '#shared/telemetry/log.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';
import { delta, findingDelta, routeDelta, sampleAt, start } from './deltas.ts';

const hour = 3_600_000;
const log = createLog({ name: 'test', level: 'silent' });
const stores: ShadowStore[] = [];
let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase('empty');
});
afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()));
  await database.drop();
});

function open(more: { url?: string; now?: () => number; mostWaiting?: number } = {}): ShadowStore {
  const store = createPostgresStore({
    url: database.url,
    retention: 24 * hour,
    judge: intervalJudge,
    log,
    now: () => start + 60_000,
    batchEveryMs: 20,
    ...more,
  });
  stores.push(store);
  return store;
}

async function comparedIn(store: ShadowStore): Promise<number | undefined> {
  return (await store.report()).routes[0]?.coverage.compared;
}

/** A way to the database that can be cut and laid again. */
async function lane(): Promise<{
  url: string;
  cut: () => void;
  freeze: () => void;
  lay: () => void;
  close: () => Promise<void>;
}> {
  const real = new URL(database.url);
  const sockets = new Set<Socket>();
  let isCut = false;
  const server: Server = createServer((socket) => {
    if (isCut) {
      socket.destroy();
      return;
    }
    const through = createConnection(Number(real.port), real.hostname);
    for (const end of [socket, through]) {
      sockets.add(end);
      end.on('error', () => undefined).on('close', () => sockets.delete(end));
    }
    socket.pipe(through).pipe(socket);
    socket.on('close', () => through.destroy());
    through.on('close', () => socket.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(database.url);
  url.port = String((server.address() as { port: number }).port);
  const drop = (): void => sockets.forEach((socket) => socket.destroy());
  return {
    url: url.href,
    cut: () => {
      isCut = true;
      drop();
    },
    freeze: () => {
      for (const socket of sockets) socket.pause().unpipe();
    },
    lay: () => (isCut = false),
    close: async () => {
      drop();
      server.close();
      await once(server, 'close');
    },
  };
}

test('a database that is away at the start and goes away later: nothing is lost, nothing counts twice', async () => {
  const way = await lane();
  way.cut();
  const store = open({ url: way.url });
  store.add(delta());
  await expect(store.report()).rejects.toMatchObject({ name: 'StateAwayError' });
  expect(store.status()).toMatchObject({
    state: 'away',
    waiting: { compared: 8, found: 1 },
    lost: { compared: 0 },
  });

  way.lay();
  expect(await eventually(() => comparedIn(store))).toBe(8);
  way.cut();
  store.add(delta());
  await expect(store.report()).rejects.toMatchObject({ name: 'StateAwayError' });
  store.add(delta());
  way.lay();
  expect(await eventually(() => comparedIn(store))).toBe(24);
  expect(store.status()).toMatchObject({ state: 'current', waiting: { compared: 0 }, lost: { compared: 0 } });
  await store.close();
  await way.close();
});

async function eventually<T>(ask: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      if (attempt > 200) throw error;
      await delay(20);
    }
  }
}

test('what waits is bounded, and what is beyond is counted and told', async () => {
  const store = open({ url: 'postgres://nobody@127.0.0.1:1/none', mostWaiting: 10 });
  for (let minute = 0; minute < 50; minute += 1) store.add(delta({ to: start + minute * 60_000 }));
  const { waiting, lost } = store.status();
  expect(waiting.compared + lost.compared).toBe(50 * 8);
  expect(waiting.found + lost.found).toBe(50);
  expect(waiting).toEqual({ compared: 5 * 8, found: 5 });
});

test('a batch whose answer was lost is not added twice', async () => {
  const { writeBatch } = await import('#proxy/shadow/report/postgres-batch.ts');
  const { openStatePool } = await import('#proxy/state/state-pool.ts');
  const { createTally } = await import('#proxy/shadow/report/tally.ts');
  const store = open();
  await store.report();
  const state = openStatePool(database.url, () => undefined);
  const tally = createTally();
  tally.add(delta());
  const batch = { writer: '00000000-0000-4000-8000-000000000001', number: 1, tally };
  await writeBatch(state.pool, batch);
  await writeBatch(state.pool, batch);
  await state.end(0);
  expect(await comparedIn(store)).toBe(8);
});

test('several that start at once on an empty database all work, and add up', async () => {
  const four = [open(), open(), open(), open()];
  for (const store of four) store.add(delta());
  await Promise.all(four.map((store) => store.report()));
  for (const store of four) expect(await comparedIn(store)).toBe(32);
});

test('an older version works on beside a newer schema; a login without rights to make tables is enough', async () => {
  await open().report();
  await database.query(`alter table banyan_control.shadow_routes add column newer bigint not null default 0`);
  await database.query(`insert into banyan_control.schema_migrations (name) values ('999-newer.sql')`);
  const role = `plain_${Math.random().toString(36).slice(2)}`;
  await database.query(`create role ${role} login password 'plain'`);
  await database.query(`grant usage on schema banyan_control to ${role}`);
  await database.query(
    `grant select, insert, update, delete on all tables in schema banyan_control to ${role}`,
  );
  const url = new URL(database.url);
  url.username = role;
  url.password = 'plain';
  const store = open({ url: url.href });
  store.add(delta());
  expect(await comparedIn(store)).toBe(8);
  await store.close();
  await database.query(`drop owned by ${role}`);
  await database.query(`drop role ${role}`);
});

test('old minutes become hours without changing a sum, and what is older than the retention goes', async () => {
  let time = start + 60_000;
  const now = (): number => time;
  const first = open({ now });
  for (const minute of [0, 1, 2]) first.add(delta({ to: start + minute * 60_000 }));
  first.add(
    delta({
      to: start + 30 * hour,
      findings: [findingDelta({ path: '$.later', lastSeen: start + 30 * hour })],
    }),
  );
  const [before] = (await first.report()).routes;
  await first.close();

  time = start + 20 * hour;
  const second = open({ now });
  const [after] = (await second.report()).routes;
  expect(JSON.stringify(after)).toBe(JSON.stringify(before));
  const slots = await database.query<{ n: string }>('select count(*) as n from banyan_control.shadow_routes');
  expect(Number(slots[0]?.n)).toBe(2);
  await second.close();

  time = start + 40 * hour;
  const third = open({ now });
  const [left] = (await third.report()).routes;
  expect(left?.coverage.compared).toBe(8);
  expect(left?.findings.map(({ path }) => path)).toEqual(['$.later']);
});

test('the tables are bounded: groups of a route and samples of a group', async () => {
  const store = open();
  store.add(
    delta({
      routes: [routeDelta({ compared: 1_000, different: 500 })],
      findings: Array.from({ length: 300 }, (_none, n) =>
        findingDelta({ path: `$.a${n}`, pairs: n < 100 ? 1 : 2, samples: [sampleAt(start + n)] }),
      ),
    }),
  );
  for (let at = 0; at < 20; at += 1)
    store.add(
      delta({
        routes: [],
        findings: [findingDelta({ path: '$.a299', pairs: 2, samples: [sampleAt(start + 1_000 + at)] })],
      }),
    );
  const [route] = (await store.report()).routes;
  expect(route?.leftOut).toEqual({ findings: 150, crowdedOutPairs: 100 });
  const second = open();
  second.add(delta({ routes: [], findings: [findingDelta({ path: '$.b', pairs: 1 })] }));
  await second.report();
  const [counts] = await database.query<{ findings: string; samples: string }>(
    `select (select count(*) from banyan_control.shadow_findings) as findings,
            (select max(n) from (select count(*) as n from banyan_control.shadow_samples group by finding) as s) as samples`,
  );
  expect([Number(counts?.findings), Number(counts?.samples)]).toEqual([200, 5]);
  expect((await second.report()).routes[0]?.leftOut.crowdedOutPairs).toBe(101);
});

test('a database that hangs holds the end of the proxy up for some seconds only', async () => {
  const way = await lane();
  const store = open({ url: way.url });
  await store.report();
  way.freeze();
  store.add(delta());
  const startedAt = performance.now();
  await store.close();
  expect(performance.now() - startedAt).toBeLessThan(20_000);
  expect(store.status().lost.compared).toBe(8);
  await way.close();
});
