import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { preflight } from '#proxy/cutover/preflight/preflight.ts';
import { samplePlan } from '../support/sample-plan.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';
import { remarksOf, secondPair, type TestPair } from './harness.ts';

let pair: TestPair;
let monolith: TestDatabase;
let service: TestDatabase;

beforeAll(async () => {
  pair = await secondPair();
  monolith = await createTestDatabase('monolith');
  service = await createTestDatabase('user_service');
  await monolith.query(`
    insert into users (email, full_name, password_hash) values ('a@b.example', 'Ä B', 'x');
    insert into user_profiles (user_id, country) values (1, 'DE');
    insert into user_preferences (user_id, pref_key, pref_value) values (1, 'theme', '');
    insert into auth_tokens (user_id, token_hash, token_type, family, issued_at, expires_at)
      values (1, repeat('ab', 32), 1, gen_random_uuid(), now(), now())`);
});
afterAll(() => Promise.all([pair.drop(), monolith.drop(), service.drop()]));

test('the second pair: no error and no warning, and every row was tried', async () => {
  expect(await remarksOf(pair.plan)).toEqual([]);
  const { rowsTried, datasets } = await preflight(pair.plan);
  expect({ rowsTried, datasets }).toEqual({ rowsTried: 7, datasets: 3 });
});

test('rows on the new side are taken back as well', async () => {
  await pair.service.query(
    `insert into documents (tenant, code, access, insured_value, changed_at) values ('east', 'B', 'sealed', 3.5, now())`,
  );
  expect(await remarksOf(pair.plan)).toEqual([]);
  expect((await preflight(pair.plan)).rowsTried).toBe(8);
});

test('the sample: numbers drawn by both sides, one column that stays, and nothing worse', async () => {
  const remarks = await remarksOf(samplePlan({ monolith: monolith.url, service: service.url }));
  expect(remarks.map(({ code, severity, place }) => `${severity} ${code} ${place}`)).toEqual([
    'note column-not-copied public.auth_tokens.id',
    'note ids-drawn-by-both public.users.id',
  ]);
});

test('what stays and refers to a dataset is noted', async () => {
  const { remarks } = await preflight(pair.plan);
  expect(remarks).toContainEqual(
    expect.objectContaining({
      code: 'foreign-key-from-outside',
      severity: 'note',
      side: 'monolith',
      message: expect.stringContaining('public.loans stays'),
    }),
  );
});
