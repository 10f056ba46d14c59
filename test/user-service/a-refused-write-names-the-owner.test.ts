import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { gateDetail, refuseWrites } from '#test/support/refusing-gate.ts';
import { clientOf, type Session } from './client.ts';
import { startUserServiceUnderTest, type UserServiceUnderTest } from './system.ts';

let system: UserServiceUnderTest;
let client: ReturnType<typeof clientOf>;
let person: Session;

beforeAll(async () => {
  system = await startUserServiceUnderTest();
  client = clientOf(system.url);
  person = await client.signUp('ada@example.com');
});
afterAll(() => system.stop());

const marks = ['group', 'bucket', 'epoch', 'owner'].map((name) => `banyan-${name}`);
const theme = () => `/users/${person.id}/preferences/theme`;
const setTheme = () => client.call('PUT', theme(), { token: person.accessToken, json: { value: 'dark' } });

test.each([
  ['monolith', ['people', '17', '43', 'monolith']],
  ['none', ['people', '17', '43', null]],
] as const)(
  'a write that the gate refuses (owner: %s) is 421 and takes no effect',
  async (owner, expected) => {
    const lift = await refuseWrites(system.database, {
      table: 'preferences',
      state: 'BY001',
      detail: gateDetail(owner),
    });
    const refused = await setTheme();
    await lift();
    expect([refused.status, refused.json['code']]).toEqual([421, 'not-owner']);
    expect(refused.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(marks.map((name) => refused.headers.get(name))).toEqual(expected);
    expect(await system.database.query('select from preferences')).toEqual([]);
  },
);

test('a write that met a newer fence than its snapshot (40001) may come again: 503', async () => {
  const lift = await refuseWrites(system.database, { table: 'preferences', state: '40001', detail: '' });
  const refused = await setTheme();
  await lift();
  expect([refused.status, refused.json['code']]).toEqual([503, 'database-busy']);
  expect(refused.headers.get('retry-after')).toBe('1');
  expect((await setTheme()).status).toBe(200);
});
