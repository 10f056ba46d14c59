import { Op } from 'sequelize';
import { parseToken } from '#shared/credentials/token.ts';
import type { UserModels } from './models.ts';
import { activity, roleOf, tokenType, type Role } from './old-schema.ts';

/** Answer of RFC 7662, with the user's id also as a number. */
export type Introspection =
  | { readonly active: false }
  | {
      readonly active: true;
      readonly sub: string;
      readonly userId: number;
      readonly role: Role;
      readonly tokenType: 'Bearer';
      /** Seconds since 1970. */
      readonly iat: number;
      readonly exp: number;
    };

/** Only an access token that has not expired, of a user who is active now, is active. */
export async function introspect(models: UserModels, token: string): Promise<Introspection> {
  const parsed = parseToken(token);
  if (parsed === undefined) return { active: false };
  const found = await models.token.findOne({
    attributes: ['issuedAt', 'expiresAt'],
    where: {
      userId: parsed.userId,
      hash: parsed.hash,
      type: tokenType.access,
      expiresAt: { [Op.gt]: new Date() },
    },
    include: {
      model: models.user,
      as: 'user',
      attributes: ['isAdmin'],
      where: { isActive: activity.active },
    },
  });
  if (found?.user === undefined) return { active: false };
  return {
    active: true,
    sub: String(parsed.userId),
    userId: parsed.userId,
    role: roleOf(found.user),
    tokenType: 'Bearer',
    iat: Math.floor(found.issuedAt.getTime() / 1000),
    exp: Math.floor(found.expiresAt.getTime() / 1000),
  };
}
