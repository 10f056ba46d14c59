import { Client } from 'pg';
import type { Side } from '#flags/stages.ts';
import { startBackfill } from '#proxy/cutover/backfill/backfill.ts';
import { bucketSql } from '#proxy/cutover/bucket.ts';
import { moveBuckets } from '#proxy/cutover/move/move.ts';
import type { MoveOptions, MoveReport } from '#proxy/cutover/move/move.types.ts';
import { install } from '#proxy/cutover/install/install.ts';
import { uninstall } from '#proxy/cutover/install/uninstall.ts';
import { bothSides, cutoverPlan, otherSide } from '#proxy/cutover/plan.ts';
import type { CutoverPlan } from '#proxy/cutover/plan.types.ts';
import { startStream, type Stream, type StreamOptions } from '#proxy/cutover/stream/start-stream.ts';
import { createLog } from '#shared/telemetry/log.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';
import { databasesOf } from '../../support/applier.ts';

export const quiet = createLog({ name: 'test', level: process.env['LOG_LEVEL'] ?? 'silent' });

/** Two databases with a table `items (id, value)` each, gate, capture and both streams. */
export interface ItemsWorld {
  readonly plan: CutoverPlan;
  readonly databases: Readonly<Record<Side, TestDatabase>>;
  readonly streams: Stream[];
  /** Ids from 1 that lie in a bucket, so many for each of the buckets 0 to 3 (or of the only one). */
  idsIn(bucket: number, count: number): Promise<string[]>;
  follow(options?: Partial<StreamOptions>): Promise<void>;
  unfollow(): Promise<void>;
  move(to: Side, options?: Partial<MoveOptions>): Promise<MoveReport>;
  state(side: Side, bucket?: number): Promise<string>;
  /** Waits until both sides hold the same rows, and returns them. */
  equal(): Promise<Map<string, string>>;
  drop(): Promise<void>;
}

export async function itemsWorld({
  buckets = 1,
  owner = 'monolith',
  rows = 0,
  ...given
}: {
  readonly buckets?: 1 | 256;
  readonly owner?: Side;
  readonly rows?: number;
  /** Default: two of the test server. */
  readonly databases?: Readonly<Record<Side, TestDatabase>>;
} = {}): Promise<ItemsWorld> {
  const databases = given.databases ?? {
    monolith: await createTestDatabase('empty'),
    service: await createTestDatabase('empty'),
  };
  const { monolith, service } = databases;
  for (const side of bothSides)
    await databases[side].query('create table items (id bigserial primary key, value text not null)');
  await databases[owner].query(`insert into items (value) select 'v0' from generate_series(1, $1)`, [rows]);
  const table = { table: 'items', key: ['id'], partitionKey: ['id'] };
  const columns = ['id', 'value'].map((name) => ({ monolith: name, service: name }));
  const plan = cutoverPlan('things', {
    ...databasesOf({ monolith: monolith.url, service: service.url }),
    groups: { things: { buckets, datasets: { items: { monolith: table, service: table, columns } } } },
  });
  for (const side of bothSides) await install(plan, side, { owner });
  const streams: Stream[] = [];
  const world: ItemsWorld = {
    plan,
    databases,
    streams,
    async idsIn(bucket, count) {
      const [dataset] = plan.groups.flatMap(({ datasets }) => datasets);
      const found = await monolith.query<{ id: string }>(
        `select id::text from (select g as id from generate_series(1::bigint, 100000) g) t
         where ${dataset === undefined ? 'false' : bucketSql(dataset, 'monolith', 't')} = $1 order by t.id limit $2`,
        [bucket, count],
      );
      return found.map(({ id }) => id);
    },
    async follow(options = {}) {
      for (const from of bothSides) streams.push(await startStream({ plan, from, log: quiet, ...options }));
    },
    async unfollow() {
      await Promise.all(streams.splice(0).map((stream) => stream.stop()));
    },
    move: (to, options = {}) =>
      moveBuckets({
        plan,
        group: 'things',
        to,
        buckets: Array.from({ length: buckets }, (_, bucket) => bucket),
        by: 'test',
        log: quiet,
        checks: 'safe',
        ...options,
      }),
    async state(side, bucket = 0) {
      const [row] = await databases[side].query<{ text: string }>(
        `select state || ' ' || epoch as text from banyan.buckets where bucket = $1`,
        [bucket],
      );
      return row?.text ?? 'none';
    },
    async equal() {
      for (let tries = 0; ; tries += 1) {
        const [one, other] = await Promise.all(bothSides.map((side) => contents(databases[side])));
        if (one === other || tries > 300) {
          if (one !== other) throw new Error(`the sides differ: ${one} | ${other}`);
          return new Map(Object.entries(JSON.parse(one ?? '{}') as Record<string, string>));
        }
        await new Promise((resolve) => setTimeout(resolve, 30));
      }
    },
    async drop() {
      await world.unfollow();
      for (const side of bothSides) await uninstall(plan, side);
      await Promise.all([monolith.drop(), service.drop()]);
    },
  };
  await world.follow();
  await startBackfill({
    plan,
    to: otherSide(owner),
    log: quiet,
    signal: new AbortController().signal,
  });
  return world;
}

async function contents(database: TestDatabase): Promise<string> {
  const [row] = await database.query<{ all: string }>(
    `select coalesce(json_object_agg(id::text, value order by id), '{}')::text as all from items`,
  );
  return row?.all ?? '{}';
}

/** A session of an application: one connection, as the superuser. */
export async function session(database: TestDatabase): Promise<Client> {
  const client = new Client({ connectionString: database.url, application_name: 'an application' });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}
