import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { Pool } from 'pg';
import { readColumns, readKeyOrder } from '#proxy/cutover/backfill/catalog.ts';
import {
  keyAfter,
  rangeCondition,
  walkOf,
  type KeyRange,
  type KeyValues,
} from '#proxy/cutover/backfill/keyset.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';

let database: TestDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await createTestDatabase('empty');
  pool = new Pool({ connectionString: database.url, max: 1 });
  await pool.query(
    `create collation folded (provider = icu, locale = 'de-u-ks-level2', deterministic = false)`,
  );
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const word = fc.string({
  unit: fc.constantFrom('a', 'A', 'ä', 'b', "'", '\\', '"', ',', ' ', '{', '漢', '0'),
  maxLength: 4,
});
const number = fc.integer({ min: -50, max: 50 });
interface Key {
  readonly columns: readonly string[];
  /** Columns of the unique constraint. */
  readonly unique: string;
  readonly values: fc.Arbitrary<string[]>;
}

const keys: Readonly<Record<string, Key>> = {
  bigint: { columns: ['k1 bigint'], unique: 'k1', values: fc.tuple(number.map(String)) },
  uuid: { columns: ['k1 uuid'], unique: 'k1', values: fc.tuple(fc.uuid()) },
  'text, by bytes': { columns: ['k1 text collate "C"'], unique: 'k1', values: fc.tuple(word) },
  'text, by a language': { columns: ['k1 text collate "de-x-icu"'], unique: 'k1', values: fc.tuple(word) },
  'text, without case': { columns: ['k1 text collate folded'], unique: 'k1', values: fc.tuple(word) },
  'numeric with NaN': {
    columns: ['k1 numeric'],
    unique: 'k1',
    values: fc.tuple(fc.constantFrom('NaN', '1.5', '1.50', '-0', 'Infinity', '-Infinity', '3')),
  },
  timestamp: {
    columns: ['k1 timestamp'],
    unique: 'k1',
    values: fc.tuple(
      fc.constantFrom('infinity', '-infinity', '2024-01-01', '2024-01-01 00:00:00.000001', '0044-03-15 BC'),
    ),
  },
  'two columns, other way round in the index': {
    columns: ['k1 int', 'k2 text collate "C"'],
    unique: 'k2, k1',
    values: fc.tuple(number.map(String), word),
  },
  'three columns': {
    columns: ['k1 int', 'k2 char(3)', 'k3 boolean'],
    unique: 'k1, k2, k3',
    values: fc.tuple(number.map(String), fc.constantFrom('a', 'b', ''), fc.constantFrom('t', 'f')),
  },
};

test.each(Object.entries(keys))(
  'a key of %s: each row is in exactly one chunk, whatever comes and goes',
  async (_, { columns, unique, values }) => {
    await pool.query('drop table if exists items');
    const key = columns.map((_, index) => `k${index + 1}`);
    await pool.query(`create table items (${columns.join(', ')}, unique (${unique}))`);
    const table = { schema: 'public', table: 'items', key, partitionKey: key, filter: undefined };
    const walk = walkOf(table, await readKeyOrder(pool, table), await readColumns(pool, table));
    const insert = (rows: readonly (readonly string[])[]) =>
      pool.query(
        `insert into items select ${key.map((name, index) => `${name}::${columns[index]?.replace(/^k\d /, '').replace(/ collate .*/, '')}`).join(', ')}
       from jsonb_to_recordset($1) as r(${key.map((name) => `${name} text`).join(', ')}) on conflict do nothing`,
        [
          JSON.stringify(
            rows.map((row) => Object.fromEntries(row.map((value, index) => [key[index], value]))),
          ),
        ],
      );
    await fc.assert(
      fc.asyncProperty(
        fc.array(values, { maxLength: 40 }),
        fc.array(values, { maxLength: 10 }),
        fc.integer({ min: 1, max: 9 }),
        async (first, later, size) => {
          await pool.query('truncate items');
          await insert(first);
          // The bounds are taken while rows come and go; then each row must lie in exactly one range.
          const ranges: KeyRange[] = [];
          let lower: KeyValues | undefined;
          do {
            const upper: KeyValues | undefined = await keyAfter(pool, walk, { lower, rows: size });
            ranges.push({ lower, upper });
            lower = upper;
            const next = later[ranges.length % 10];
            if (next !== undefined) await insert([next]);
            if (ranges.length % 2 === 0)
              await pool.query('delete from items where ctid = (select min(ctid) from items)');
          } while (lower !== undefined);
          await insert(later);
          const sums = ranges
            .map((range) => `case when ${rangeCondition(walk, range)} then 1 else 0 end`)
            .join(' + ');
          const { rows } = await pool.query(`select ${sums} as ranges from items where (${sums}) <> 1`);
          expect(rows).toEqual([]);
        },
      ),
      { numRuns: 25 },
    );
  },
);
