import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { data } from '#proxy/config/data.ts';
import { parseConfig } from '#proxy/config/read.ts';
import { cutoverPlan } from '#proxy/cutover/plan.ts';
import { propose, type Proposal } from '#proxy/cutover/propose/propose.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';
import { remarksOf, secondPair, type TestPair } from '../preflight/harness.ts';

let pair: TestPair;
let monolith: TestDatabase;
let service: TestDatabase;
let second: Proposal;
let sample: Proposal;

beforeAll(async () => {
  pair = await secondPair();
  monolith = await createTestDatabase('monolith');
  service = await createTestDatabase('user_service');
  second = await propose({ monolith: pair.monolith.url, service: pair.service.url });
  sample = await propose({ monolith: monolith.url, service: service.url });
});
afterAll(() => Promise.all([pair.drop(), monolith.drop(), service.drop()]));

const environment = {
  MONOLITH_COPY_URL: 'postgres://copy:hush@db/old',
  MONOLITH_INSTALL_URL: 'postgres://owner:hush@db/old',
  SERVICE_COPY_URL: 'postgres://copy:hush@db/new',
  SERVICE_INSTALL_URL: 'postgres://owner:hush@db/new',
};

const file = (text: string): string => `
version: 1
targets:
  old: { url: 'http://127.0.0.1:1' }
  new: { url: 'http://127.0.0.1:2' }
defaultTarget: old
flags: { source: file, path: flags.json }
migrations:
  domain:
    monolith: old
    service: new
    migrationFlag: domain-stage
    routes: [{ name: read, match: GET /items }]
${text.replaceAll(/^/gm, '    ')}`;

type Datasets = Record<string, { monolith: { table: string; key: string[] }; service: { key: string[] } }>;
const groupsOf = ({ text }: Proposal): Record<string, { buckets: number; datasets: Datasets }> =>
  (parse(text) as { data: { groups: Record<string, { buckets: number; datasets: Datasets }> } }).data.groups;

test('it is taken as it is, once in its place', () => {
  for (const { text } of [second, sample])
    expect(() => parseConfig(file(text), { file: 'banyan.yaml', environment })).not.toThrow();
});

test('the sample: four tables in one group, parents first, keys unique on both sides', () => {
  const groups = groupsOf(sample);
  expect(Object.keys(groups)).toEqual(['accounts']);
  expect(groups['accounts']?.buckets).toBe(1);
  const datasets = groups['accounts']?.datasets ?? {};
  expect(
    Object.entries(datasets)
      .map(([name, { monolith }]) => `${monolith.table}→${name}`)
      .toSorted(),
  ).toEqual([
    'auth_tokens→tokens',
    'user_preferences→preferences',
    'user_profiles→profiles',
    'users→accounts',
  ]);
  expect(Object.keys(datasets)[0]).toBe('accounts');
  expect(datasets['tokens']?.monolith.key).toEqual(['user_id', 'token_hash']);
  expect(sample.text).toContain('# orders stays and refers to users');
});

test('the second pair: names that have nothing in common are paired by their shape, and marked', () => {
  const groups = groupsOf(second);
  expect(groups['documents']?.datasets['documents']?.monolith).toMatchObject({
    table: 'cards',
    key: ['house', 'signature'],
  });
  expect(groups['devices']?.datasets['measurements']?.monolith.table).toBe('logger_readings');
  expect(groups['devices']?.buckets).toBe(256);
  expect(second.text).toMatch(/UNSURE/);
});

test('after a few edits by hand pre-flight has nothing against it', async () => {
  const edited = parse(second.text) as {
    data: { groups: Record<string, { datasets: Record<string, { columns: Column[] }> }> };
  };
  const columns = edited.data.groups['devices']?.datasets['devices']?.columns ?? [];
  const state = columns.find(({ monolith }) => monolith === 'state');
  expect(state).toMatchObject({ service: 'state' });
  const urls = pair.plan.databases;
  const section = data.parse({ ...edited.data, monolith: urls.monolith, service: urls.service });
  expect(await remarksOf(cutoverPlan('archive', section))).toEqual([]);
});

interface Column {
  readonly monolith: string;
  readonly service: string;
}
