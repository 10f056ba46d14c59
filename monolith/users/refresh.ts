import { parseToken, type ParsedToken } from '#shared/credentials/token.ts';
import { userProblem } from './failures.ts';
import type { UserModels } from './models.ts';
import { activity, tokenType } from './old-schema.ts';
import { lockOpenAccount } from './open-account.ts';
import { issuePair, type Session } from './tokens.ts';

export interface RefreshOptions {
  readonly models: UserModels;
  readonly refreshToken: string;
  /** Called when a spent token came again and its session was therefore revoked. */
  readonly onReuse: (userId: number) => void;
}

/**
 * Trades a refresh token for a new pair of the same family and spends it. A spent one that comes again means that two
 * parties hold it, so the whole family is revoked (RFC 9700, section 4.14.2). The refresh token of a suspended user is
 * refused, but not spent.
 * @throws Problem 401 `invalid-refresh-token`
 */
export async function refresh({ models, refreshToken, onReuse }: RefreshOptions): Promise<Session> {
  const parsed = parseToken(refreshToken);
  if (parsed === undefined) throw userProblem('invalid-refresh-token');
  const outcome = await rotate(models, parsed);
  if (outcome === 'reused') onReuse(parsed.userId);
  if (typeof outcome === 'string') throw userProblem('invalid-refresh-token');
  return outcome;
}

/** Tells of a reuse by its result, not by an error, which would roll the revocation back. */
function rotate(models: UserModels, { userId, hash }: ParsedToken): Promise<Session | 'invalid' | 'reused'> {
  return models.sequelize.transaction(async (transaction) => {
    // Two requests with one token, and a revocation beside a rotation, go one after the other: the second sees all that
    // the first wrote, also the pair that it issued.
    const user = await lockOpenAccount(models, userId, transaction);
    if (user === undefined) return 'invalid';
    const where = { userId, hash, type: tokenType.refresh };
    const token = await models.token.findOne({ where, transaction });
    if (token === null || token.expiresAt.getTime() <= Date.now()) return 'invalid';
    const { family } = token;
    if (token.spentAt !== null) {
      await models.token.destroy({ where: { userId, family }, transaction });
      return 'reused';
    }
    if (user.isActive === activity.suspended) return 'invalid';
    await token.update({ spentAt: new Date() }, { transaction });
    return issuePair(models, { userId, family }, transaction);
  });
}
