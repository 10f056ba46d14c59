import type { Sequelize } from 'sequelize';
import { readTimestampsAsUtc } from '#monolith/utc-timestamps.ts';
import { definePreferenceModel } from './preference-model.ts';
import { defineProfileModel } from './profile-model.ts';
import { defineTokenModel } from './token-model.ts';
import { defineUserModel } from './user-model.ts';

export type UserModels = ReturnType<typeof defineUserModels>;

/** The four tables of the user domain. Call it once for each Sequelize instance, before its first query. */
export function defineUserModels(sequelize: Sequelize) {
  readTimestampsAsUtc(sequelize);
  const user = defineUserModel(sequelize);
  return {
    sequelize,
    user,
    profile: defineProfileModel(sequelize),
    preference: definePreferenceModel(sequelize),
    token: defineTokenModel(sequelize, user),
  };
}
