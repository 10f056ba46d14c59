import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { gateDetail, refuseWrites } from '#test/support/refusing-gate.ts';
import { startUsers, type Users } from '../users/harness.ts';

let users: Users;
beforeAll(async () => {
  users = await startUsers();
});
afterAll(() => users.stop());

const marks = ['group', 'bucket', 'epoch', 'owner'].map((name) => `banyan-${name}`);

test.each([
  ['service', ['people', '17', '43', 'service']],
  ['none', ['people', '17', '43', undefined]],
] as const)(
  'a write that the gate refuses (owner: %s) is 421 and takes no effect',
  async (owner, expected) => {
    const member = await users.member();
    const lift = await refuseWrites(users.database, {
      table: 'users',
      state: 'BY001',
      detail: gateDetail(owner),
    });
    const refused = await users.call('PATCH', `/users/${member.id}`, {
      token: member.accessToken,
      body: { name: 'Changed' },
    });
    const signUp = await users.call('POST', '/users', {
      body: { email: `new-${owner}@example.com`, name: 'New', password: 'correct horse' },
    });
    await lift();
    for (const answer of [refused, signUp]) {
      expect(answer).toMatchObject({ status: 421, body: { code: 'not-owner' } });
      expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
      expect(marks.map((name) => answer.headers[name])).toEqual(expected);
    }
    const kept = await users.database.query('select full_name, email from users where full_name <> $1', [
      'A Member',
    ]);
    expect(kept).toEqual([]);
  },
);

test('a write that met a newer fence than its snapshot (40001) may come again: 503', async () => {
  const member = await users.member();
  const lift = await refuseWrites(users.database, { table: 'users', state: '40001', detail: '' });
  const refused = await users.call('PATCH', `/users/${member.id}`, {
    token: member.accessToken,
    body: { name: 'Changed' },
  });
  await lift();
  expect(refused).toMatchObject({ status: 503, body: { code: 'database-busy' } });
  expect(refused.headers['retry-after']).toBe('1');
});
