import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
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
  await users.database.query('delete from auth_tokens where user_id = $1', [member.id]);
  const other = new Client({ connectionString: users.database.url });
  await other.connect();
  await other.query('begin');
  await other.query('update users set is_active = 0 where id = $1', [member.id]);
  // It reads the account as it was, and must find out before it issues tokens.
  const login = users.logIn(member);
  await waitsForALock();
  await other.query('commit');
  await other.end();

  expect((await login).body.code).toBe('account-suspended');
  expect(await users.database.query('select 1 from auth_tokens where user_id = $1', [member.id])).toEqual([]);
});

async function waitsForALock(): Promise<void> {
  const waiting =
    'select 1 from pg_stat_activity where datname = current_database() and wait_event_type = $1';
  for (let look = 0; look < 400; look++) {
    if ((await users.database.query(waiting, ['Lock'])).length > 0) return;
    await delay(10);
  }
  throw new Error('no query waited for a lock');
}
