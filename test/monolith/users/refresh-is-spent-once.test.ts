import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { introspectionKey, startUsers, type Answer, type Users } from './harness.ts';

let users: Users;
beforeAll(async () => {
  users = await startUsers();
});
afterAll(() => users.stop());

const refresh = (refreshToken: string): Promise<Answer> =>
  users.call('POST', '/auth/refresh', { body: { refreshToken } });

async function isActive(token: string): Promise<boolean> {
  const answer = await users.call('POST', '/auth/introspect', { token: introspectionKey, body: { token } });
  return answer.body.active;
}

test('of many refreshes at once with one token exactly one wins, and its session is revoked', async () => {
  const member = await users.member();
  const other = await users.logIn(member);
  const answers = await Promise.all(Array.from({ length: 8 }, () => refresh(member.refreshToken)));

  const won = answers.filter((answer) => answer.status === 200);
  expect(won).toHaveLength(1);
  for (const answer of answers.filter((answer) => answer.status !== 200))
    expect(answer).toMatchObject({ status: 401, body: { code: 'invalid-refresh-token' } });

  expect(await isActive(won[0]?.body.accessToken)).toBe(false);
  expect((await refresh(won[0]?.body.refreshToken)).status).toBe(401);
  expect(await isActive(member.accessToken)).toBe(false);
  // Another session of the same user is another family.
  expect(await isActive(other.body.accessToken)).toBe(true);
});

test('a revocation that runs beside a rotation leaves no live token behind', async () => {
  for (let round = 0; round < 15; round++) {
    const member = await users.member();
    const { body: second } = await refresh(member.refreshToken);
    await Promise.all([refresh(second.refreshToken), refresh(member.refreshToken)]);
    expect(await users.database.query('select 1 from auth_tokens where user_id = $1', [member.id])).toEqual(
      [],
    );
  }
});

test('a logout that runs beside a rotation leaves no live token behind', async () => {
  for (let round = 0; round < 15; round++) {
    const member = await users.member();
    const [logout] = await Promise.all([
      users.call('POST', '/auth/logout', { token: member.accessToken }),
      refresh(member.refreshToken),
    ]);
    expect(logout.status).toBe(204);
    expect(await users.database.query('select 1 from auth_tokens where user_id = $1', [member.id])).toEqual(
      [],
    );
  }
});

test('an access token and an expired refresh token refresh nothing', async () => {
  const member = await users.member();
  expect((await refresh(member.accessToken)).status).toBe(401);
  await users.database.query(
    `update auth_tokens set expires_at = now() at time zone 'utc' where user_id = $1 and token_type = 2`,
    [member.id],
  );
  expect((await refresh(member.refreshToken)).status).toBe(401);
  expect((await refresh(`${member.id + 1_000}.${'a'.repeat(43)}`)).status).toBe(401);
  expect((await refresh('no token at all')).body.code).toBe('invalid-refresh-token');
});
