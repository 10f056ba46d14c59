import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import { connectReading } from '#proxy/cutover/catalog/connect.ts';
import { readServer } from '#proxy/cutover/catalog/server.ts';
import { readCatalog, type Catalog } from '#proxy/cutover/catalog/tables.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';

let database: TestDatabase;
let client: Client;
let catalog: Catalog;

beforeAll(async () => {
  database = await createTestDatabase('second_old');
  await database.query(`alter table loggers add constraint one_serial unique (serial)`);
  client = await connectReading(database.url);
  catalog = await readCatalog(client);
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

test('columns with their types, labels and defaults', () => {
  const loggers = catalog.find({ schema: 'public', table: 'loggers' });
  expect(loggers?.columns.find(({ name }) => name === 'state')).toMatchObject({
    type: 'public.logger_state',
    labels: ['in use', 'parked', 'lost'],
    notNull: false,
  });
  expect(loggers?.columns.find(({ name }) => name === 'rev')).toMatchObject({
    type: 'integer',
    defaultSql: '1',
    notNull: true,
  });
});

test('keys, checks and foreign keys with their columns', () => {
  expect(catalog.find({ schema: 'public', table: 'loggers' })).toMatchObject({
    uniques: [
      { name: 'loggers_pkey', columns: ['house', 'serial'], isPrimary: true, isValid: true },
      { name: 'one_serial', columns: ['serial'], isPrimary: false },
    ],
    checks: [{ columns: ['mounted'] }],
  });
  expect(catalog.find({ schema: 'public', table: 'loans' })?.foreignKeys).toMatchObject([
    { toTable: 'cards', fromColumns: ['house', 'signature'], onDelete: 'no action', onUpdate: 'no action' },
  ]);
});

test('the server tells its version, its time zone and its settings, whatever our own session has set', async () => {
  await database.query(
    `do $$ begin execute format('alter database %I set timezone = ''Asia/Tokyo''', current_database()); end $$`,
  );
  const facts = await readServer(client);
  expect(facts.version).toBeGreaterThanOrEqual(130_000);
  expect(facts.timeZone).toBe('Asia/Tokyo');
  expect(facts.settings).toMatchObject({ max_connections: expect.stringMatching(/^\d+$/) });
});

test('it can write nothing', async () => {
  await expect(client.query('create table public.x ()')).rejects.toThrow('read-only');
});
