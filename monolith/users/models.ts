import type { Sequelize } from 'sequelize';
import { definePreferenceModel } from './preference-model.ts';
import { defineProfileModel } from './profile-model.ts';
import { defineTokenModel } from './token-model.ts';
import { defineUserModel } from './user-model.ts';

export type UserModels = ReturnType<typeof defineUserModels>;

/**
 * The four tables of the user domain.
 * @param sequelize from `openDatabase`, which reads bigint as a number and `timestamp` without zone as UTC
 */
export function defineUserModels(sequelize: Sequelize) {
  const user = defineUserModel(sequelize);
  return {
    sequelize,
    user,
    profile: defineProfileModel(sequelize),
    preference: definePreferenceModel(sequelize),
    token: defineTokenModel(sequelize, user),
  };
}
