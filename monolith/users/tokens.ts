import type { Transaction } from 'sequelize';
import { issueToken } from '#shared/credentials/token.ts';
import type { UserModels } from './models.ts';
import { tokenType } from './old-schema.ts';

const accessSeconds = 15 * 60;
const refreshSeconds = 30 * 24 * 60 * 60;

/** What a client gets at login and at each refresh. */
export interface Session {
  readonly accessToken: string;
  /** Good for one refresh within 30 days. */
  readonly refreshToken: string;
  readonly tokenType: 'Bearer';
  /** Seconds that the access token is good for. */
  readonly expiresIn: number;
  readonly userId: number;
}

/** Issues a pair of tokens into a family; the caller holds the account's lock. */
export async function issuePair(
  models: UserModels,
  owner: { readonly userId: number; readonly family: string },
  transaction: Transaction,
): Promise<Session> {
  const { userId } = owner;
  const issuedAt = new Date();
  const access = issueToken(userId);
  const refresh = issueToken(userId);
  const row = (hash: string, type: number, seconds: number) => {
    return {
      ...owner,
      hash,
      type,
      issuedAt,
      expiresAt: new Date(issuedAt.getTime() + seconds * 1000),
      spentAt: null,
    };
  };
  await models.token.bulkCreate(
    [row(access.hash, tokenType.access, accessSeconds), row(refresh.hash, tokenType.refresh, refreshSeconds)],
    { transaction },
  );
  return {
    accessToken: access.token,
    refreshToken: refresh.token,
    tokenType: 'Bearer',
    expiresIn: accessSeconds,
    userId,
  };
}
