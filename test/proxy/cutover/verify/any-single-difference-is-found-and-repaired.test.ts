import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startBackfill } from '#proxy/cutover/backfill/backfill.ts';
import { repair } from '#proxy/cutover/verify/repair.ts';
import { verify } from '#proxy/cutover/verify/verify.ts';
import { run, silent } from '../support/bulk-fixture.ts';
import { createItemsPair, type ItemsPair } from '../support/items-pair.ts';

// Each type with a value and a corruption of it that a weaker comparison takes for the same.
const columns: Readonly<Record<string, readonly [type: string, value: string, corrupted: string]>> = {
  nothing: ['text', 'null', `''`],
  words: ['text', `'a'`, `'a '`],
  amount: ['numeric', '1.50', '1.5'],
  fixed: ['numeric(10,2)', '1.50', '1.51'],
  nan: ['double precision', `'NaN'`, `'Infinity'`],
  zero: ['double precision', `0`, `'-0'`],
  // 2^32 + 0 and 0 + 1 fold to the same 32 bits in PostgreSQL's own hash of bigint.
  big: ['bigint', '4294967296', '1'],
  moment: ['timestamptz', `'2024-03-31 01:30:00.000001+00'`, `'2024-03-31 01:30:00.000002+00'`],
  plain: ['timestamp', `'infinity'`, `'2024-01-01'`],
  span: ['interval', `'1 month'`, `'30 days'`],
  doc: ['jsonb', `'{"a": 1.0, "b": [1, 2]}'`, `'{"a": 1.00, "b": [1, 2]}'`],
  list: ['text[]', `array['a,b', null]`, `array['a', 'b', null]`],
  fixedtext: ['char(4)', `'ab'`, `'abc'`],
  flag: ['boolean', 'true', 'null'],
  day: ['date', `'2024-02-29'`, `'2024-03-01'`],
  ident: ['uuid', `'00000000-0000-0000-0000-000000000001'`, `'00000000-0000-0000-0000-000000000002'`],
  bytes: ['bytea', `'\\x00'`, `'\\x0000'`],
};
const names = Object.keys(columns);
const signal = new AbortController().signal;
let pair: ItemsPair;

beforeAll(async () => {
  pair = await createItemsPair({
    ddl: `id bigint primary key, ${names.map((name) => `${name} ${columns[name]?.[0]}`).join(', ')}`,
    columns: ['id', ...names],
  });
  await run(
    pair.monolith,
    `insert into items select i, ${names.map((name) => columns[name]?.[1]).join(', ')} from generate_series(1, 3000) i`,
  );
  await startBackfill({ plan: pair.plan, to: 'service', log: silent, signal });
});
afterAll(() => pair.drop());

const check = (mode: 'live' | 'snapshot' = 'snapshot') =>
  verify({ plan: pair.plan, owner: 'monolith', mode, signal, settings: { values: 'shown', pauseMs: 10 } });

test('the copy is equal, in whatever way the rows lie in the table', async () => {
  await run(pair.service, 'create table again as select * from items order by random()');
  await run(pair.service, 'truncate items');
  await run(pair.service, 'insert into items select * from again');
  const report = await check();
  expect(report).toMatchObject({ equal: true, differences: [] });
  expect(report.datasets[0]).toMatchObject({
    rows: 3000,
    followerRows: 3000,
    shardsDiffer: 0,
    method: 'record',
    consistent: true,
  });
  expect(report.chanceOfMiss).toBeLessThan(1e-15);
});

test.each(names)('one corrupted value is found, located and repaired: %s', async (name) => {
  await run(pair.service, `update items set ${name} = ${columns[name]?.[2]} where id = 1234`);
  const { equal, differences } = await check('live');
  expect(equal).toBe(false);
  expect(differences).toMatchObject([{ dataset: 'items', key: ['1234'], kind: 'differs', columns: [name] }]);
  expect(differences[0]?.values).toHaveLength(1);

  const dry = await repair({ plan: pair.plan, owner: 'monolith', differences, dryRun: true });
  expect(dry).toMatchObject({ repaired: 1, failed: [] });
  expect((await check()).equal).toBe(false);

  const done = await repair({ plan: pair.plan, owner: 'monolith', differences, dryRun: false });
  expect(done).toMatchObject({ repaired: 1, deleted: 0, failed: [] });
  expect((await check()).equal).toBe(true);
});

test('rows that are missing or too many are found on either side and repaired', async () => {
  await run(pair.service, 'delete from items where id in (5, 6)');
  await run(pair.service, 'insert into items (id) values (9001)');
  const { differences } = await check();
  expect(differences.map(({ key, kind }) => `${kind} ${key.join()}`).sort()).toEqual([
    'extra 9001',
    'missing 5',
    'missing 6',
  ]);
  expect(await repair({ plan: pair.plan, owner: 'monolith', differences, dryRun: false })).toMatchObject({
    repaired: 3,
    deleted: 1,
  });
  expect((await check()).equal).toBe(true);
});

test('a repair leaves a row to the stream while captured changes are on their way', async () => {
  await run(pair.service, `update items set words = 'z' where id = 7`);
  const { differences } = await check();
  await run(
    pair.monolith,
    `insert into banyan.outbox (seq, group_id, dataset_id, bucket, epoch, op) values (1, 1, 1, 0, 1, 'P')`,
  );
  const options = {
    plan: pair.plan,
    owner: 'monolith',
    differences,
    dryRun: false,
    drainWithinMs: 1,
  } as const;
  expect((await repair(options)).failed).toMatchObject([{ code: 'pending' }]);
  expect((await check()).equal).toBe(false);
  await run(pair.service, `insert into banyan.positions (group_name, snapshot) values ('things', $1)`, [
    (await run(pair.monolith, 'select pg_current_snapshot()::text as snapshot'))[0]?.['snapshot'],
  ]);
  expect(await repair(options)).toMatchObject({ repaired: 1, failed: [] });
});

test('all differences are counted, and only so many listed', async () => {
  await run(pair.service, `update items set words = 'q' where id between 100 and 104`);
  for (const mode of ['snapshot', 'live'] as const) {
    const settings = { maxDifferences: 2, pauseMs: 1 };
    const report = await verify({ plan: pair.plan, owner: 'monolith', mode, signal, settings });
    expect(report.equal).toBe(false);
    expect(report.differences).toHaveLength(2);
    const [dataset] = report.datasets;
    expect((dataset?.differences ?? 0) + (dataset?.shardsUnopened ?? 0)).toBeGreaterThanOrEqual(3);
  }
  await run(pair.service, `update items set words = 'a' where id between 100 and 104`);
});

test('values are hidden unless they are asked for', async () => {
  await run(pair.service, `update items set words = 'a secret word' where id = 8`);
  const report = await verify({ plan: pair.plan, owner: 'monolith', mode: 'snapshot', signal });
  expect(JSON.stringify(report)).not.toContain('secret');
  expect(report.differences[0]?.values[0]?.follower).toMatch(/^13 characters, sha256 [0-9a-f]{8}…$/);
  await repair({ plan: pair.plan, owner: 'monolith', differences: report.differences, dryRun: false });
});
