import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { verifyPassword } from '#shared/credentials/password.ts';
import { clientOf, password } from './client.ts';
import { startUserServiceUnderTest, type UserServiceUnderTest } from './system.ts';

let system: UserServiceUnderTest;

beforeAll(async () => {
  system = await startUserServiceUnderTest();
});
afterAll(() => system.stop());

test('of a closed account one row without the person is left, and no password opens it', async () => {
  const client = clientOf(system.url);
  const { id, accessToken: token } = await client.signUp('ada@example.com');
  await client.call('PUT', `/users/${id}/profile`, { token, json: { bio: 'Ada was here' } });
  await client.call('PUT', `/users/${id}/preferences/theme`, { token, json: { value: 'dark' } });
  expect((await client.call('DELETE', `/users/${id}`, { token })).status).toBe(204);

  const [account] = await system.database.query<{ password_hash: string }>(
    'select email, name, role, status, password_hash from accounts where user_id = $1',
    [id],
  );
  expect(account).toMatchObject({ email: `closed-${id}@invalid`, name: 'Closed account', status: 'closed' });
  expect(await verifyPassword(password, account?.password_hash ?? '')).toBe(false);
  for (const table of ['profiles', 'preferences', 'tokens']) {
    expect(await system.database.query(`select from ${table} where user_id = $1`, [id])).toEqual([]);
  }
});
