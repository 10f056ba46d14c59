import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startUsers, statusesOf, type Member, type Users } from './harness.ts';

let users: Users;
let admin: Member;
beforeAll(async () => {
  users = await startUsers();
  admin = await users.member({ admin: true });
});
afterAll(() => users.stop());

test('a closed account keeps its row and nothing else, and its address is free', async () => {
  const member = await users.member();
  const token = member.accessToken;
  await users.call('PUT', `/users/${member.id}/profile`, { token, body: { city: 'Lisboa' } });
  await users.call('PUT', `/users/${member.id}/preferences/theme`, { token, body: { value: 'dark' } });
  expect((await users.call('DELETE', `/users/${member.id}`, { token })).status).toBe(204);

  const [row] = await users.database.query('select * from users where id = $1', [member.id]);
  expect(row).toMatchObject({
    email: `closed-${member.id}@invalid`,
    full_name: 'Closed account',
    is_active: 2,
  });
  expect(await rowsOf(member.id)).toBe(0);
  expect((await users.logIn(member)).body.code).toBe('invalid-credentials');
  expect((await users.call('DELETE', `/users/${member.id}`, { token })).status).toBe(401);

  const signUp = { email: member.email, name: 'Another', password: member.password };
  const again = await users.call('POST', '/users', { body: signUp });
  expect(again.status).toBe(201);
  expect(again.body.id).not.toBe(member.id);
});

test('to an admin a closed account is not there', async () => {
  const member = await users.member();
  const token = admin.accessToken;
  const path = `/users/${member.id}`;
  await users.call('DELETE', path, { token });
  for (const [method, at, body] of [
    ['GET', path],
    ['PATCH', path, { name: 'X' }],
    ['DELETE', path],
    ['GET', `${path}/profile`],
    ['PUT', `${path}/profile`, {}],
    ['DELETE', `${path}/profile`],
    ['GET', `${path}/preferences`],
    ['PUT', `${path}/preferences/theme`, { value: 'dark' }],
    ['DELETE', `${path}/preferences/theme`],
  ] as const) {
    const answer = await users.call(method, at, { token, body });
    expect([method, at, answer.status, answer.body?.code]).toEqual([method, at, 404, 'user-not-found']);
  }
  const { body: list } = await users.call('GET', '/users?limit=100', { token });
  expect(list.items.map((user: { id: number }) => user.id)).not.toContain(member.id);
});

test('nothing is added to an account while it is being closed', async () => {
  for (let round = 0; round < 10; round++) {
    const member = await users.member();
    const token = member.accessToken;
    const answers = await Promise.all([
      users.call('PUT', `/users/${member.id}/profile`, { token, body: { city: 'Lisboa' } }),
      users.call('DELETE', `/users/${member.id}`, { token }),
      users.call('PUT', `/users/${member.id}/preferences/theme`, { token, body: { value: 'dark' } }),
      users.call('POST', '/auth/refresh', { body: { refreshToken: member.refreshToken } }),
      users.logIn(member),
    ]);
    expect(answers[1]?.status).toBe(204);
    expect(answers.filter((answer) => answer.status >= 500)).toEqual([]);
    expect(await rowsOf(member.id)).toBe(0);
  }
});

test('of two closings at once one succeeds', async () => {
  const member = await users.member();
  const answers = await Promise.all(
    [1, 2].map(() => users.call('DELETE', `/users/${member.id}`, { token: admin.accessToken })),
  );
  expect(statusesOf(answers)).toEqual([204, 404]);
});

test('a closing that fails half way has changed nothing', async () => {
  const member = await users.member();
  const taken = { email: `closed-${member.id}@invalid` };
  await users.database.query('update users set email = $1 where id = $2', [taken.email, admin.id]);
  const answer = await users.call('DELETE', `/users/${member.id}`, { token: admin.accessToken });
  await users.database.query('update users set email = $1 where id = $2', [admin.email, admin.id]);
  expect(answer.status).toBe(500);
  expect(await rowsOf(member.id)).toBe(2);
});

/** Rows that hang on a user in the three tables beside `users`. */
async function rowsOf(userId: number): Promise<number> {
  const [row] = await users.database.query<{ count: number }>(
    `select ((select count(*) from auth_tokens where user_id = $1)
           + (select count(*) from user_profiles where user_id = $1)
           + (select count(*) from user_preferences where user_id = $1))::int as count`,
    [userId],
  );
  return row?.count ?? -1;
}
