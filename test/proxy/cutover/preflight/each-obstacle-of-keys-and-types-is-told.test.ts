import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { CutoverPlan, DatasetPlan } from '#proxy/cutover/plan.types.ts';
import { remarksOf, secondPair, type TestPair } from './harness.ts';

let pair: TestPair;

beforeEach(async () => {
  pair = await secondPair();
});
afterEach(() => pair.drop());

const changed = (
  plan: CutoverPlan,
  dataset: string,
  change: (one: DatasetPlan) => DatasetPlan,
): CutoverPlan => ({
  ...plan,
  groups: plan.groups.map((group) => ({
    ...group,
    datasets: group.datasets.map((one) => (one.name === dataset ? change(one) : one)),
  })),
});

async function told(plan = pair.plan): Promise<string[]> {
  const remarks = await remarksOf(plan);
  for (const { remedy, message } of remarks) expect([remedy.length, message.length]).not.toContain(0);
  return remarks.map(({ severity, code, side, place }) => `${severity} ${code} ${side ?? 'both'} ${place}`);
}

/** The last column of the readings' key, as another type. */
const retype = (type: string): string => `
  delete from logger_readings;
  alter table logger_readings alter channel type ${type} using null`;

test.each([
  ['numeric without a scale', retype('numeric')],
  ['a domain over it', `create domain amount as numeric; ${retype('amount')}`],
  ['an interval', retype('interval')],
  ['a floating number', retype('double precision')],
  ['jsonb', retype('jsonb')],
  ['an array of numeric', retype('numeric[]')],
])('a key whose equal values have different texts: %s', async (_name, sql) => {
  await pair.monolith.query(sql);
  expect(await told()).toContain('error key-type monolith public.logger_readings.channel');
});

test.each([
  ['with a scale', 'numeric(8,2)'],
  ['a whole number', 'bigint'],
])('a number of one text for each value may be a key: %s', async (_name, type) => {
  await pair.monolith.query(retype(type));
  expect(await told()).not.toContain('error key-type monolith public.logger_readings.channel');
});

test.each([
  ['citext', `create extension citext; ${retype('citext')}`],
  ['a domain over citext', `create extension citext; create domain word as citext; ${retype('word')}`],
  [
    'a collation that holds letters of both cases equal',
    `create collation loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
     ${retype('text collate loose')}`,
  ],
])('a key that holds different texts equal: %s', async (_name, sql) => {
  await pair.monolith.query(sql);
  expect(await told()).toContain('error key-collation monolith public.logger_readings.channel');
});

const byRoom = (plan: CutoverPlan): CutoverPlan =>
  changed(plan, 'documents', (one) => ({
    ...one,
    buckets: 256,
    tables: {
      monolith: { ...one.tables.monolith, partitionKey: ['rev'] },
      service: { ...one.tables.service, partitionKey: ['revision'] },
    },
  }));

test('a partition key that may be null, and one that applications may change', async () => {
  await pair.monolith.query('alter table cards alter rev drop not null');
  expect(await told(byRoom(pair.plan))).toEqual(
    expect.arrayContaining([
      'error partition-key-nullable monolith public.cards.rev',
      'note partition-key-changes monolith public.cards.rev',
    ]),
  );
});

test('a partition key with several texts for a value, and with another text on the other side', async () => {
  await pair.service.query('alter table documents alter revision type numeric(8,2)');
  expect(await told(byRoom(pair.plan))).toContain('error partition-text-differs monolith public.cards');
  await pair.service.query('alter table documents alter revision type numeric');
  expect(await told(byRoom(pair.plan))).toContain('error key-type service public.documents.revision');
});

test('a view in the place of a table, a partition, a partitioned table', async () => {
  await pair.service.query(
    'alter table documents rename to kept; create view documents as select * from kept',
  );
  expect(await told()).toContain('error table-kind service public.documents');
  await pair.service
    .query(`drop view documents; create table whole (like kept including all) partition by list (tenant);
    create table documents partition of whole default`);
  expect(await told()).toContain('error table-kind service public.documents');
  await pair.service.query(
    'drop table whole; create table documents (like kept including all) partition by list (tenant)',
  );
  expect(await told()).toContain('note table-kind service public.documents');
});

test('a type whose text depends on settings, and one of an extension', async () => {
  await pair.service.query('create extension citext; alter table documents alter title type citext');
  await pair.service.query(`alter table devices alter model type money using null`);
  expect(await told()).toEqual(
    expect.arrayContaining([
      'note type-of-extension service public.documents.title',
      'warning type-depends-on-settings service public.devices.model',
    ]),
  );
});

test('a value that comes back equal, in another text', async () => {
  await pair.monolith.query('alter table cards alter insured type numeric');
  expect(await told()).toContain('warning mapping-changes-text monolith public.cards.insured');
});

test('a row with an empty key is named in quotes', async () => {
  await pair.monolith.query(`update cards set signature = '' where house = 'south'`);
  const remarks = await remarksOf(pair.plan);
  expect(remarks).toContainEqual(
    expect.objectContaining({
      code: 'mapping-breaks-check',
      message: expect.stringContaining('row (house south, signature "") would be refused'),
    }),
  );
});
