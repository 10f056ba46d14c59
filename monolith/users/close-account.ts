import type { UserModels } from './models.ts';
import { activity } from './old-schema.ts';
import { withOpenAccount } from './open-account.ts';

// Not of the form that `verifyPassword` reads, so no password ever matches it.
const unmatchableHash = 'closed';

/**
 * Closes an account: who it was is forgotten, its e-mail address is free again, its tokens end now. The row stays,
 * since orders point at it.
 * @throws Problem 404 `user-not-found`, also when it is closed already
 */
export async function closeAccount(models: UserModels, userId: number): Promise<void> {
  await withOpenAccount(models, userId, async (transaction) => {
    const where = { userId };
    await models.token.destroy({ where, transaction });
    await models.preference.destroy({ where, transaction });
    await models.profile.destroy({ where, transaction });
    await models.user.update(
      {
        email: `closed-${userId}@invalid`,
        fullName: 'Closed account',
        passwordHash: unmatchableHash,
        isActive: activity.closed,
      },
      { where: { id: userId }, transaction },
    );
  });
}
