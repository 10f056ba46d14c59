import { expect, jest, test } from '@jest/globals';
import type { UserModels } from '#monolith/users/models.ts';
import { unknownAccountHash, passwordCosts } from '#shared/credentials/password.ts';

const verifyPassword = jest.fn(async (_password: string, _kept: string) => true);
jest.unstable_mockModule('#shared/credentials/password.ts', () => ({ unknownAccountHash, verifyPassword }));
const { logIn } = await import('#monolith/users/login.ts');

// Regression: an address that nobody has was hashed at full cost also where all accounts have the sample's light one, so
// that the time of a log-in told which addresses have an account.
test.each(['light', 'full'] as const)(
  'a log-in at an unknown address costs %s as others do',
  async (cost) => {
    const models = { user: { findOne: async () => null } } as unknown as UserModels;
    const input = { email: 'nobody@example.com', password: 'a password' };
    await expect(logIn(models, input, passwordCosts[cost])).rejects.toMatchObject({ status: 401 });
    expect(verifyPassword).toHaveBeenLastCalledWith('a password', unknownAccountHash(passwordCosts[cost]));
  },
);
