import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { oneTable, type OneTable } from '../support/one-table.ts';
import { imageSql } from '#proxy/cutover/stream/image.ts';

let world: OneTable;
beforeAll(async () => {
  world = await oneTable({
    sql: 'create table items (id int primary key, note text, at timestamp)',
    columns: ['id', 'note', 'at'],
    key: ['id'],
  });
});
afterAll(() => world.drop());

async function read(): Promise<unknown[]> {
  const form = { datasetId: 1, whole: true, relation: "'items'::regclass", fields: 3, lastColumn: 3 };
  const { rows } = await world.session.query<{ row: unknown }>(
    `select to_jsonb(${imageSql(form)}) as row from banyan.outbox o order by seq`,
  );
  return rows.map(({ row }) => row);
}

test('images from before and after are read alike, whatever is in them, and after the column is gone again', async () => {
  const texts = fc.sample(
    fc.string({ unit: fc.constantFrom('"', '\\', ',', '(', ')', ' ', '\n', 'a', 'ü') }),
    40,
  );
  const put = async (from: number) => {
    for (const [at, text] of texts.entries())
      await world.session.query('insert into items (id, note) values ($1, $2)', [from + at, text || null]);
  };
  await put(0);
  // The same session: its plans are from before.
  await world.session.query(`alter table items add column more text default 'x,"y', add column most int`);
  await put(100);
  await world.session.query('delete from items where id = 100; alter table items drop column more');
  await put(200);
  const expected = [0, 100, 200].flatMap((from) => {
    const rows = texts.map((text, at) => ({ id: from + at, note: text || null, at: null }));
    // Of the deleted row only the key.
    return from === 100 ? [...rows, { id: 100, note: null, at: null }] : rows;
  });
  expect(await read()).toEqual(expected);
});
