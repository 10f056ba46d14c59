import { escapeIdentifier } from 'pg';
import type { Side } from '#flags/stages.ts';
import { createLog } from '#shared/telemetry/log.ts';
import { install } from '#proxy/cutover/install/install.ts';
import { uninstall } from '#proxy/cutover/install/uninstall.ts';
import { cutoverPlan, mappingFrom, otherSide } from '#proxy/cutover/plan.ts';
import type { CutoverPlan, DatasetPlan } from '#proxy/cutover/plan.types.ts';
import { startStream, type Stream, type StreamOptions } from '#proxy/cutover/stream/start-stream.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';
import { databasesOf } from '../../support/applier.ts';

type Groups = Parameters<typeof cutoverPlan>[1]['groups'];

/** Two databases with the `banyan` schema with gate and capture, the monolith the owner. */
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
  await install(plan, 'monolith');
  await install(plan, 'service');
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
      await uninstall(plan, 'monolith');
      await uninstall(plan, 'service');
      await Promise.all([monolith.drop(), service.drop()]);
    },
  };
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
