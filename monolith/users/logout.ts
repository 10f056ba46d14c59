import { Op } from 'sequelize';
import { parseToken } from '#shared/credentials/token.ts';
import type { UserModels } from './models.ts';
import { activity, tokenType } from './old-schema.ts';
import { lockOpenAccount } from './open-account.ts';

/**
 * Ends the session of an access token: every token of its family is deleted.
 * @returns false where the token is not active now, and then nothing has changed
 */
export async function logOut(models: UserModels, accessToken: string): Promise<boolean> {
  const parsed = parseToken(accessToken);
  if (parsed === undefined) return false;
  const { userId, hash } = parsed;
  return models.sequelize.transaction(async (transaction) => {
    const user = await lockOpenAccount(models, userId, transaction);
    if (user?.isActive !== activity.active) return false;
    const where = { userId, hash, type: tokenType.access, expiresAt: { [Op.gt]: new Date() } };
    const token = await models.token.findOne({ where, transaction });
    if (token === null) return false;
    await models.token.destroy({ where: { userId, family: token.family }, transaction });
    return true;
  });
}
