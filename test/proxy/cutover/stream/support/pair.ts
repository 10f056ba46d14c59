import { readdirSync, readFileSync } from 'node:fs';
import { Client, escapeIdentifier, escapeLiteral } from 'pg';
import type { Side } from '#flags/stages.ts';
import { createLog } from '#shared/telemetry/log.ts';
import { bucketSql } from '#proxy/cutover/bucket.ts';
import { cutoverPlan, mappingFrom, otherSide } from '#proxy/cutover/plan.ts';
import type { CutoverPlan, DatasetPlan } from '#proxy/cutover/plan.types.ts';
import { startStream, type Stream, type StreamOptions } from '#proxy/cutover/stream/start-stream.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';
import { databasesOf } from '../../support/applier.ts';

type Groups = Parameters<typeof cutoverPlan>[1]['groups'];

/** Two databases with the `banyan` schema and a capture as the gate's contract says, the monolith the owner. */
export interface Pair {
  readonly plan: CutoverPlan;
  readonly monolith: TestDatabase;
  readonly service: TestDatabase;
  start(options?: Partial<StreamOptions>): Promise<Stream>;
  /** Resolves when the other side has all that is committed by now. */
  settled(stream: Stream): Promise<void>;
  /** Stops every stream that was started. */
  stopAll(): Promise<void>;
  drop(): Promise<void>;
}

const schemaFolder = new URL('../../../../../proxy/cutover/schema/', import.meta.url);

export async function createPair(options: {
  readonly monolith: string;
  readonly service: string;
  readonly groups: Groups;
}): Promise<Pair> {
  const [monolith, service] = await Promise.all([createTestDatabase('empty'), createTestDatabase('empty')]);
  await monolith.query(options.monolith);
  await service.query(options.service);
  return pairOf({ monolith, service, groups: options.groups });
}

export async function pairOf(options: {
  readonly monolith: TestDatabase;
  readonly service: TestDatabase;
  readonly groups: Groups;
}): Promise<Pair> {
  const { monolith, service, groups } = options;
  const plan = cutoverPlan('moved', {
    ...databasesOf({ monolith: monolith.url, service: service.url }),
    groups,
  });
  await installFor(plan, 'monolith', monolith);
  await installFor(plan, 'service', service);
  const streams: Stream[] = [];
  return {
    plan,
    monolith,
    service,
    async start(more = {}) {
      const log = createLog({ name: 'test', level: process.env['LOG_LEVEL'] ?? 'silent' });
      const stream = await startStream({ plan, from: 'monolith', log, ...more });
      streams.push(stream);
      return stream;
    },
    async settled(stream) {
      const from = stream.from === 'monolith' ? monolith : service;
      const [now] = await from.query<{ snapshot: string }>('select pg_current_snapshot()::text as snapshot');
      if ((await stream.reached(now?.snapshot ?? '', { withinMs: 60_000 })) !== 'reached')
        throw new Error(`not settled: ${JSON.stringify(stream.status().groups)}`);
    },
    async stopAll() {
      await Promise.all(streams.splice(0).map((stream) => stream.stop()));
    },
    async drop() {
      await Promise.all(streams.map((stream) => stream.stop()));
      const roles = (['monolith', 'service'] as const).map((side) => applierOf(plan, side).role);
      await Promise.all([monolith.drop(), service.drop()]);
      const server = new Client({ connectionString: process.env['BANYAN_TEST_POSTGRES'] });
      await server.connect();
      for (const role of roles) await server.query(`drop role if exists ${escapeIdentifier(role)}`);
      await server.end();
    },
  };
}

function applierOf(plan: CutoverPlan, side: Side) {
  const url = new URL(plan.databases[side].url);
  return { role: decodeURIComponent(url.username), password: decodeURIComponent(url.password) };
}

async function installFor(plan: CutoverPlan, side: Side, database: TestDatabase): Promise<void> {
  const { role, password } = applierOf(plan, side);
  const name = escapeIdentifier(role);
  const files = readdirSync(schemaFolder)
    .filter((file) => file.endsWith('.sql'))
    .toSorted()
    .map((file) => readFileSync(new URL(file, schemaFolder), 'utf8').replaceAll(':"applier"', name));
  const [first = '', ...others] = files;
  await database.query(`create role ${name} login password ${escapeLiteral(password)}`);
  await database.query(first.includes('create schema banyan') ? first : `create schema banyan; ${first}`);
  await database.query(standIns);
  for (const file of others) await database.query(inBanyan(file));
  await database.query(
    `insert into banyan.installation (migration, side, applier) values ('moved', '${side}', ${escapeLiteral(role)})`,
  );
  for (const group of plan.groups) {
    await database.query(
      `insert into banyan.groups (name, buckets) values (${escapeLiteral(group.name)}, ${group.buckets})`,
    );
    const state = side === 'monolith' ? 'owner' : 'follower';
    await database.query(`insert into banyan.buckets (group_id, bucket, state, epoch)
      select group_id, b, '${state}', 1 from banyan.groups, generate_series(0, ${group.buckets - 1}) b
      where name = ${escapeLiteral(group.name)}`);
    for (const dataset of group.datasets) await installDataset(database, dataset, side, role);
  }
  await database.query(
    `grant usage on schema banyan, public to ${name};
     grant select, insert, update, delete on all tables in schema banyan, public to ${name};
     grant usage on all sequences in schema banyan to ${name}`,
  );
}

/** Files of the schema name their tables with the schema, types of their own too. */
const inBanyan = (file: string): string => file;

/** What the gate's files bring, where they are not there yet. */
const standIns = `do $$ begin
  if to_regclass('banyan.outbox') is null then
    create table banyan.outbox (seq bigint not null, xid xid8 not null, group_id smallint not null, dataset_id smallint,
      bucket smallint not null, epoch bigint not null, op "char" not null, image text);
    create index on banyan.outbox (xid);
    create function banyan.outbox_rotate(pg_snapshot[]) returns integer language sql as 'select 0';
    alter table banyan.groups add column capture_stopped text;
  end if;
end $$`;

async function installDataset(
  database: TestDatabase,
  dataset: DatasetPlan,
  side: Side,
  applier: string,
): Promise<void> {
  const { schema, table, key, partitionKey } = dataset.tables[side];
  const named = dataset.columns.flatMap((column) => column[side] ?? []);
  const columns = [...new Set([...key, ...partitionKey, ...named])];
  const list = (names: readonly string[]) =>
    `array[${names.map((name) => escapeLiteral(name)).join(', ')}]::name[]`;
  const [row] = await database.query<{ id: number; group_id: number }>(
    `insert into banyan.datasets (group_id, name, schema_name, table_name, key_columns, partition_columns, columns)
     select group_id, ${escapeLiteral(dataset.name)}, ${escapeLiteral(schema)}, ${escapeLiteral(table)},
       ${list(key)}, ${list(partitionKey)}, ${list(columns)}
     from banyan.groups where name = ${escapeLiteral(dataset.group)} returning dataset_id as id, group_id`,
  );
  const { id, group_id: group } = row ?? { id: 0, group_id: 0 };
  const qualified = `${escapeIdentifier(schema)}.${escapeIdentifier(table)}`;
  const types = await database.query<{ name: string; type: string }>(
    `select attname as name, format_type(atttypid, atttypmod) as type from pg_attribute
     where attrelid = '${qualified}'::regclass and attnum > 0`,
  );
  const typeOf = new Map(types.map(({ name, type }) => [name, type]));
  const image = (alias: string) =>
    `row(${columns.map((column) => `${alias}.${escapeIdentifier(column)}`).join(', ')})::banyan.image_${id}::text`;
  const write = (alias: string, op: string) => `insert into banyan.outbox
    select nextval('banyan.seq'), pg_current_xact_id(), ${group}, ${id}, b.bucket, b.epoch, '${op}', ${image(alias)}
    from banyan.buckets b where b.group_id = ${group} and b.bucket = ${bucketSql(dataset, side, alias)};`;
  const keyOf = (alias: string) =>
    `row(${key.map((name) => `${alias}.${escapeIdentifier(name)}`).join(', ')})`;
  await database.query(`
    create type banyan.image_${id} as (${columns
      .map((column) => `${escapeIdentifier(column)} ${typeOf.get(column)}`)
      .join(', ')});
    create table banyan.copy_lock_${id} ();
    create function banyan.capture_${id}() returns trigger language plpgsql security definer
      set datestyle = 'ISO' set intervalstyle = 'postgres' set extra_float_digits = 3 as $$ begin
      if session_user = ${escapeLiteral(applier)} then return null; end if;
      if tg_op = 'DELETE' then ${write('old', 'D')}
      elsif tg_op = 'UPDATE' and ${keyOf('old')} <> ${keyOf('new')} then ${write('old', 'D')} ${write('new', 'P')}
      else ${write('new', 'P')} end if;
      return null;
    end $$;
    create trigger banyan_capture after insert or update or delete on ${qualified}
      for each row execute function banyan.capture_${id}();
    alter table ${qualified} enable always trigger banyan_capture`);
}

/** The owner's rows as the mapping writes them, and the follower's; each sorted, as text. */
export async function bothSides(pair: Pair, dataset: DatasetPlan, from: Side = 'monolith') {
  const to = otherSide(from);
  const mapping = mappingFrom(dataset, from);
  const read = async (side: Side, texts: string[]): Promise<string[]> => {
    const { schema, table } = dataset.tables[side];
    const rows = await pair[side].query<{ row: string }>(
      `select array[${texts.map((text) => `(${text})::text`).join(', ')}]::text as row from ${schema}.${table} order by 1`,
    );
    return rows.map(({ row }) => row);
  };
  return {
    owner: await read(
      from,
      mapping.map(({ expression, source = '' }) => expression ?? escapeIdentifier(source)),
    ),
    follower: await read(
      to,
      mapping.map(({ column }) => escapeIdentifier(column)),
    ),
  };
}
