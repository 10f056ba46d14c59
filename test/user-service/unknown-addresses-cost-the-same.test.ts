import { expect, jest, test } from '@jest/globals';
import { unknownAccountHash, passwordCosts } from '#shared/credentials/password.ts';
import type { Queryable } from '#user-service/database/pool.ts';

const verifyPassword = jest.fn(async (_password: string, _kept: string) => true);
jest.unstable_mockModule('#shared/credentials/password.ts', () => ({ unknownAccountHash, verifyPassword }));
const { login } = await import('#user-service/auth/login.ts');

// See the test of the same name in test/monolith/users.
test.each(['light', 'full'] as const)('a login at an unknown address costs %s as others do', async (cost) => {
  const database = { query: async () => ({ rows: [] }) } as unknown as Queryable;
  const input = { email: 'nobody@example.com', password: 'a password' };
  await expect(login(database, input, passwordCosts[cost])).rejects.toMatchObject({ status: 401 });
  expect(verifyPassword).toHaveBeenLastCalledWith('a password', unknownAccountHash(passwordCosts[cost]));
});
