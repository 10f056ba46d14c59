import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startUsers, type Member, type Users } from './harness.ts';

let users: Users;
let admin: Member;
beforeAll(async () => {
  users = await startUsers();
  admin = await users.member({ admin: true });
});
afterAll(() => users.stop());

test('a suspended user is nobody until the suspension is lifted, and loses no session by it', async () => {
  const member = await users.member();
  const own = { token: member.accessToken };
  const refresh = { body: { refreshToken: member.refreshToken } };
  const set = (status: string) =>
    users.call('PATCH', `/users/${member.id}`, { token: admin.accessToken, body: { status } });

  expect((await set('suspended')).body.status).toBe('suspended');
  expect((await users.call('GET', `/users/${member.id}`, own)).status).toBe(401);
  expect((await users.call('POST', '/auth/logout', own)).status).toBe(401);
  expect((await users.call('POST', '/auth/refresh', refresh)).body.code).toBe('invalid-refresh-token');
  expect((await users.logIn(member)).body.code).toBe('account-suspended');
  expect((await users.logIn({ ...member, password: 'wrong' })).body.code).toBe('invalid-credentials');

  expect((await set('active')).body.status).toBe('active');
  expect((await users.call('GET', `/users/${member.id}`, own)).status).toBe(200);
  expect((await users.call('POST', '/auth/refresh', refresh)).status).toBe(200);
});

test('a suspension that comes while the password is being checked is seen', async () => {
  const member = await users.member();
  for (let round = 0; round < 10; round++) {
    await users.database.query('update users set is_active = 1 where id = $1', [member.id]);
    await users.database.query('delete from auth_tokens where user_id = $1', [member.id]);
    const [, login] = await Promise.all([
      users.call('PATCH', `/users/${member.id}`, {
        token: admin.accessToken,
        body: { status: 'suspended' },
      }),
      users.logIn(member),
    ]);
    const tokens = await users.database.query('select 1 from auth_tokens where user_id = $1', [member.id]);
    expect(tokens).toHaveLength(login.status === 200 ? 2 : 0);
    expect([200, 403]).toContain(login.status);
  }
});
