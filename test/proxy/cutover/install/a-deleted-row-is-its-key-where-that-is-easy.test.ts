import { expect, test } from '@jest/globals';
import { deletedImageSql } from '#proxy/cutover/install/image-sql.ts';
import { cutoverPlan } from '#proxy/cutover/plan.ts';

const [int8, text, timestamptz, aDomain] = [20, 25, 1184, 20_001];

function imageOf(options: { key?: number; note?: number; toService?: string; whole?: boolean }): string {
  const database = { url: 'postgres://copy:x@127.0.0.1/one' };
  const table = { table: 'items', key: ['id'], partitionKey: ['id'] };
  const { key = int8, note = text, toService, whole = true } = options;
  const id = { monolith: 'id', service: 'id', ...(toService === undefined ? {} : { toService }) };
  const plan = cutoverPlan('moved', {
    monolith: database,
    service: database,
    groups: {
      all: {
        buckets: 1,
        datasets: {
          items: { monolith: table, service: table, columns: [id, { monolith: 'note', service: 'note' }] },
        },
      },
    },
  });
  const dataset = plan.groups[0]?.datasets[0];
  if (dataset === undefined) throw new Error('no dataset');
  return deletedImageSql({
    dataset,
    side: 'monolith',
    datasetId: 1,
    groupId: 1,
    applier: 'copy',
    whole,
    columns: [
      { name: 'note', type: 'text', typeId: note },
      { name: 'id', type: 'bigint', typeId: key },
    ],
  });
}

test('the other fields are empty, each in its place in the table or in what is captured', () => {
  expect(imageOf({})).toBe(`pg_catalog.concat('(,', old."id", ')')`);
  expect(imageOf({ whole: false })).toBe(`pg_catalog.concat('(', old."id", ',)')`);
  expect(imageOf({ key: timestamptz })).toBe(`pg_catalog.concat('(,', old."id", ')')`);
});

test.each([
  ['the key may need quotes', { key: text }],
  ['a column may refuse to be empty', { note: aDomain }],
  ['the key on the other side is made by an expression', { toService: 'id + 1' }],
])('the whole row where %s', (_why, options) => {
  expect(imageOf(options)).toBe('pg_catalog.concat(old)');
});
