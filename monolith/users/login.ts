import { randomUUID } from 'node:crypto';
import { unknownAccountHash, verifyPassword, type PasswordCost } from '#shared/credentials/password.ts';
import type { Credentials } from './auth-input.ts';
import { userProblem } from './failures.ts';
import type { UserModels } from './models.ts';
import { activity } from './old-schema.ts';
import { lockOpenAccount } from './open-account.ts';
import { issuePair, type Session } from './tokens.ts';

/**
 * Opens a session: a new family of tokens.
 * @param passwordCost of the accounts that there are
 * @throws Problem 401 `invalid-credentials`; 403 `account-suspended`, only to who knows the password
 */
export async function logIn(
  models: UserModels,
  { email, password }: Credentials,
  passwordCost: PasswordCost | undefined,
): Promise<Session> {
  const found = await models.user.findOne({
    where: { email, isActive: [activity.active, activity.suspended] },
  });
  const matches = await verifyPassword(password, found?.passwordHash ?? unknownAccountHash(passwordCost));
  if (found === null || !matches) throw userProblem('invalid-credentials');
  return models.sequelize.transaction(async (transaction) => {
    // Looked at again under the lock: hashing takes long enough for the account to be closed or suspended meanwhile.
    const user = await lockOpenAccount(models, found.id, transaction);
    if (user === undefined) throw userProblem('invalid-credentials');
    if (user.isActive === activity.suspended) throw userProblem('account-suspended');
    return issuePair(models, { userId: user.id, family: randomUUID() }, transaction);
  });
}
