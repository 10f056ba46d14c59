import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, type QueryResultRow } from 'pg';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '#shared/postgres/embedded.ts';
import type { TestDatabase } from '#test/support/database.ts';
import { itemsWorld, session, type ItemsWorld } from './support/items.ts';

// A server of its own: prepared transactions are switched on by a setting that needs a restart.
let server: EmbeddedPostgres;
let folder: string;
let world: ItemsWorld;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'banyan-prepared-'));
  chmodSync(folder, 0o755);
  server = await startEmbeddedPostgres({
    dataFolder: join(folder, 'pg'),
    durable: false,
    settings: { max_prepared_transactions: '5' },
  });
  const databases = { monolith: await database('old'), service: await database('new') };
  world = await itemsWorld({ rows: 3, databases });
});
afterAll(async () => {
  await world.drop();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function database(name: string): Promise<TestDatabase> {
  const query = async <Row extends QueryResultRow>(
    text: string,
    values: readonly unknown[] = [],
    on = name,
  ): Promise<Row[]> => {
    const client = new Client({ connectionString: server.url(on) });
    await client.connect();
    try {
      return (await client.query<Row>(text, [...values])).rows;
    } finally {
      await client.end();
    }
  };
  await query(`create database ${name}`, [], 'postgres');
  return { url: server.url(name), query, drop: async () => undefined };
}

test('a prepared transaction holds its bucket against the fence, and is named by its name', async () => {
  const holder = await session(world.databases.monolith);
  await holder.query(
    `begin; update items set value = 'prepared' where id = 3; prepare transaction 'order 17'`,
  );
  await holder.end();
  const report = await world.move('service', { bounds: { giveUpMs: 400, holdMs: 30 } });
  expect(report.outcomes).toMatchObject([{ end: 'given-up' }]);
  expect(report.outcomes[0]?.reason).toContain('prepared transaction "order 17", open for');

  await world.databases.monolith.query(`commit prepared 'order 17'`);
  expect((await world.move('service')).outcomes).toMatchObject([{ end: 'moved' }]);
  expect((await world.equal()).get('3')).toBe('prepared');
});
