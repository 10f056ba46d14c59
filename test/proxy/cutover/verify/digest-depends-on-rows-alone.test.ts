import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { Pool } from 'pg';
import { digestMethods, rowHash } from '#proxy/cutover/verify/digest.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';

let database: TestDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await createTestDatabase('empty');
  pool = new Pool({ connectionString: database.url, max: 1 });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const cell = fc.option(
  fc.string({ unit: fc.constantFrom('a', 'b', ',', '"', '(', ')', '\\', ' ', 'é'), maxLength: 3 }),
  { nil: null },
);
const rows = fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 12 });

test.each(digestMethods)(
  '%s: the order of rows does not matter, any change of any value does',
  async (method) => {
    const sum = async (table: readonly (readonly (string | null)[])[]) => {
      const result = await pool.query<{ sum: string }>(
        `select sum(${rowHash({ method, seed: '42' }, ['a', 'b', 'c'])}) as sum
       from jsonb_to_recordset($1) as r(a text, b text, c text)`,
        [JSON.stringify(table.map(([a, b, c]) => ({ a, b, c })))],
      );
      return result.rows[0]?.sum;
    };
    await fc.assert(
      fc.asyncProperty(rows, fc.nat(), fc.nat({ max: 2 }), cell, async (table, at, column, value) => {
        const digest = await sum(table);
        expect(await sum(table.toReversed())).toBe(digest);
        const place = at % table.length;
        const changed = table.map((row, index) => (index === place ? row.with(column, value) : row));
        const isSame = table[place]?.[column] === value;
        expect((await sum(changed)) === digest).toBe(isSame);
      }),
      { numRuns: 60 },
    );
  },
);
