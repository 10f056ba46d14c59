import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { clientOf } from './client.ts';
import { startUserServiceUnderTest, type UserServiceUnderTest } from './system.ts';

let system: UserServiceUnderTest;

beforeAll(async () => {
  system = await startUserServiceUnderTest();
});
afterAll(() => system.stop());

const age = (kind: string, userId: number, by: string) =>
  system.database.query(
    `update tokens set issued_at = issued_at - $3::interval, expires_at = expires_at - $3::interval
     where kind = $1 and user_id = $2`,
    [kind, userId, by],
  );

test('an access token counts for 15 minutes', async () => {
  const client = clientOf(system.url);
  const { id, accessToken: token } = await client.signUp('access@example.com');
  const introspect = () =>
    client.call('POST', '/auth/introspect', { token: system.introspectionKey, json: { token } });
  await age('access', id, '14 minutes 30 seconds');
  expect((await client.call('GET', `/users/${id}`, { token })).status).toBe(200);
  expect((await introspect()).json['active']).toBe(true);
  await age('access', id, '30 seconds');
  expect((await client.call('GET', `/users/${id}`, { token })).status).toBe(401);
  expect((await introspect()).json).toEqual({ active: false });
  expect((await client.call('POST', '/auth/logout', { token })).status).toBe(401);
});

test('a refresh token counts for 30 days, and its pair counts anew', async () => {
  const client = clientOf(system.url);
  const [young, old] = [await client.signUp('young@example.com'), await client.signUp('old@example.com')];
  await age('refresh', young.id, '29 days 23 hours');
  expect((await client.refresh(young.refreshToken)).status).toBe(200);
  await age('refresh', old.id, '30 days');
  expect((await client.refresh(old.refreshToken)).json['code']).toBe('invalid-refresh-token');
  expect((await client.call('GET', `/users/${old.id}`, { token: old.accessToken })).status).toBe(200);
});
