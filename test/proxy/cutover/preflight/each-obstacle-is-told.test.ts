import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { connectReading } from '#proxy/cutover/catalog/connect.ts';
import { readServer } from '#proxy/cutover/catalog/server.ts';
import type { CutoverPlan, DatasetPlan } from '#proxy/cutover/plan.types.ts';
import { serverChecks } from '#proxy/cutover/preflight/checks/servers.ts';
import type { SideFacts } from '#proxy/cutover/preflight/facts.types.ts';
import { remarksOf, secondPair, type TestPair } from './harness.ts';

let pair: TestPair;

beforeEach(async () => {
  pair = await secondPair();
});
afterEach(() => pair.drop());

type Spoil = (pair: TestPair) => Promise<unknown>;
const old =
  (sql: string): Spoil =>
  (spoilt) =>
    spoilt.monolith.query(sql);
const fresh =
  (sql: string): Spoil =>
  (spoilt) =>
    spoilt.service.query(sql);

const inDatabases: readonly (readonly [string, Spoil, string])[] = [
  [
    'a table that is not there',
    fresh('drop table measurements'),
    'error table-missing service public.measurements',
  ],
  [
    'a table elsewhere',
    fresh('create schema x; alter table documents set schema x'),
    'error table-missing service public.documents',
  ],
  [
    'an unlogged table',
    old('alter table logger_readings set unlogged'),
    'error table-unlogged monolith public.logger_readings',
  ],
  [
    'a table with children',
    old('create table more () inherits (cards)'),
    'error table-inherits monolith public.cards',
  ],
  [
    'a column that is not there',
    fresh('alter table devices drop column model'),
    'error column-missing service public.devices.model',
  ],
  [
    'a key that nothing keeps unique',
    old('alter table logger_readings drop constraint logger_readings_pkey'),
    'error key-not-unique monolith public.logger_readings',
  ],
  [
    'a key that may be null',
    old(
      'alter table logger_readings drop constraint logger_readings_pkey, alter channel drop not null, add unique (house, serial, taken_at, channel)',
    ),
    'error key-nullable monolith public.logger_readings.channel',
  ],
  [
    'a key unique at the end only',
    old(
      'alter table logger_readings drop constraint logger_readings_pkey, add unique (house, serial, taken_at, channel) deferrable',
    ),
    'error unique-deferrable monolith public.logger_readings',
  ],
  [
    'a value unique over all buckets',
    fresh('alter table devices add unique (model)'),
    'error unique-across-buckets service public.devices',
  ],
  [
    'a foreign key across groups',
    old('alter table loggers add foreign key (house, model) references cards not valid'),
    'error foreign-key-across-groups monolith public.loggers.house+model',
  ],
  [
    'a cascade across groups',
    old('alter table loggers add foreign key (house, model) references cards on delete cascade not valid'),
    'error cascade-across monolith public.loggers.house+model',
  ],
  [
    'a cascade from outside',
    old(
      'create table rooms (n int primary key); alter table cards add room int references rooms on delete cascade',
    ),
    'warning cascade-from-outside monolith public.cards.room',
  ],
  [
    'a reference to outside',
    old('create table rooms (n int primary key); alter table cards add room int references rooms'),
    'warning foreign-key-to-outside monolith public.cards.room',
  ],
  [
    'a table that stays and follows',
    old(
      'alter table loans drop constraint loans_house_signature_fkey, add foreign key (house, signature) references cards on delete cascade',
    ),
    'warning cascade-from-outside monolith public.loans.house+signature',
  ],
  [
    'a generated column',
    fresh('alter table devices drop column model, add model text generated always as (serial) stored'),
    'error column-generated service public.devices.model',
  ],
  [
    'an identity for ever',
    fresh('alter table devices alter revision drop default, alter revision add generated always as identity'),
    'error column-identity service public.devices.revision',
  ],
  [
    'a column that nothing fills',
    fresh('alter table documents add shelf int not null'),
    'error column-unfilled service public.documents.shelf',
  ],
  [
    'a column that stays behind',
    old('alter table cards add shelf int'),
    'warning column-not-copied monolith public.cards.shelf',
  ],
  [
    'an application’s trigger',
    fresh(
      `create function f() returns trigger language plpgsql as 'begin return new; end'; create trigger stamp before insert on documents for each row execute function f()`,
    ),
    'warning trigger service public.documents',
  ],
  [
    'a rule',
    fresh('create rule r as on delete to documents do instead nothing'),
    'error rule service public.documents',
  ],
  [
    'row-level security',
    fresh('alter table documents enable row level security'),
    'error row-security service public.documents',
  ],
  ['a value that the mapping does not know', old(`alter type card_access add value 'X'`), ''],
  [
    'a check that a row breaks',
    fresh('alter table documents add check (revision < 5)'),
    'error mapping-breaks-check monolith public.cards',
  ],
  [
    'a null where none may be',
    fresh('alter table documents alter title set not null'),
    'error mapping-breaks-not-null monolith public.cards',
  ],
  [
    'a value that the other side cannot take',
    fresh('alter table documents alter title type int using null'),
    'error mapping-fails monolith public.cards',
  ],
  [
    'a label that is not there',
    old(`update loggers set channels = '{sound}'`),
    'error mapping-fails monolith public.loggers',
  ],
  [
    'another zone',
    fresh(
      `do $$ begin execute format('alter database %I set timezone = ''Asia/Tokyo''', current_database()); end $$`,
    ),
    'note type-zone both server',
  ],
];

test.each(inDatabases)('%s', async (_name, spoil, told) => {
  await spoil(pair);
  const remarks = await remarksOf(pair.plan);
  const lines = remarks.map(
    ({ severity, code, side, place }) => `${severity} ${code} ${side ?? 'both'} ${place}`,
  );
  if (told === '') expect(lines).toEqual([]);
  else expect(lines).toContain(told);
  for (const { remedy, message } of remarks) expect([remedy.length, message.length]).not.toContain(0);
});

test('a letter that the mapping forgets: the row and the column are named', async () => {
  await pair.monolith.query(`alter type card_access add value 'X'`);
  await pair.monolith.query(`update cards set access = 'X' where house = 'south'`);
  expect(await remarksOf(pair.plan)).toContainEqual(
    expect.objectContaining({
      code: 'mapping-not-invertible',
      place: 'public.cards.access',
      message: 'row (house south, signature A.1) has "X" and comes back as null',
    }),
  );
});

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

test('an expression over a column that the dataset does not name', async () => {
  await pair.monolith.query('alter table cards add shelf text');
  const plan = changed(pair.plan, 'documents', (one) => ({
    ...one,
    columns: one.columns.map((column) =>
      column.service === 'title' ? { ...column, toService: 'heading || shelf' } : column,
    ),
  }));
  const [remark] = await remarksOf(plan);
  expect(remark).toMatchObject({ code: 'mapping-fails', side: 'monolith' });
  expect(remark?.message).toContain('shelf');
});

test('children before their parents', async () => {
  const plan = {
    ...pair.plan,
    groups: pair.plan.groups.map((group) => ({ ...group, datasets: group.datasets.toReversed() })),
  };
  const remarks = await remarksOf(plan);
  expect(remarks.map(({ code }) => code)).toEqual(['foreign-key-sequence', 'foreign-key-sequence']);
});

test('a transaction that has been open for long, and who holds it', async () => {
  const client = await connectReading(pair.monolith.url);
  const read = await readServer(client);
  await client.end();
  const open = { pid: 17, role: 'batch', application: 'report', state: 'active', ageSeconds: 61 };
  const server = { ...read, longTransactions: [open], preparedTransactions: [{ name: 'p', ageSeconds: 5 }] };
  const facts = { side: 'monolith', server } as unknown as SideFacts;
  const remarks = serverChecks({ plan: pair.plan, datasets: [], sides: { monolith: facts, service: facts } });
  expect(remarks.find(({ code }) => code === 'long-transaction')?.message).toContain(
    'open for 61 s (process 17, role batch, report, active)',
  );
  expect(remarks.find(({ code }) => code === 'prepared-transaction')?.severity).toBe('note');
});

test('a database that cannot be reached is told, and the other is not judged alone', async () => {
  const { databases } = pair.plan;
  const away = { url: 'postgres://copy:hush@127.0.0.1:1/away', installUrl: undefined };
  const remarks = await remarksOf({ ...pair.plan, databases: { ...databases, service: away } });
  expect(remarks).toMatchObject([{ code: 'unreachable', side: 'service', place: '127.0.0.1:1/away' }]);
  expect(JSON.stringify(remarks)).not.toContain('hush');
});

test('the applier’s role is an application’s, or a superuser', async () => {
  const { databases } = pair.plan;
  const shared = { url: databases.service.installUrl ?? '', installUrl: databases.service.installUrl };
  const remarks = await remarksOf({ ...pair.plan, databases: { ...databases, service: shared } });
  expect(remarks.map(({ code }) => code)).toEqual(
    expect.arrayContaining(['applier-too-strong', 'applier-is-shared']),
  );
});
