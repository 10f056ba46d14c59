import { userProblem } from './failures.ts';
import type { UserModels } from './models.ts';
import { requireOpenAccount, withOpenAccount } from './open-account.ts';
import type { ProfileInput } from './profile-input.ts';
import type { ProfileRow } from './profile-model.ts';

export interface Profile extends ProfileInput {
  /** ISO 8601, UTC, milliseconds. */
  readonly updatedAt: string;
}

/** @throws Problem 404 `user-not-found`, `profile-not-found` */
export async function readProfile(models: UserModels, userId: number): Promise<Profile> {
  const row = await models.profile.findByPk(userId);
  if (row !== null) return toProfile(row);
  // Closing an account deletes its profile, so only here is it open which of the two is missing.
  await requireOpenAccount(models, userId);
  throw userProblem('profile-not-found');
}

/** @throws Problem 404 `user-not-found` */
export async function replaceProfile(
  models: UserModels,
  userId: number,
  profile: ProfileInput,
): Promise<Profile> {
  return withOpenAccount(models, userId, async (transaction) => {
    const [row] = await models.profile.upsert({ ...profile, userId }, { transaction });
    return toProfile(row);
  });
}

/** @throws Problem 404 `user-not-found`, `profile-not-found` */
export async function deleteProfile(models: UserModels, userId: number): Promise<void> {
  if ((await models.profile.destroy({ where: { userId } })) > 0) return;
  await requireOpenAccount(models, userId);
  throw userProblem('profile-not-found');
}

function toProfile(row: ProfileRow): Profile {
  const { displayName, bio, phone, birthDate, city, country, locale, timeZone, updatedAt } = row;
  return {
    displayName,
    bio,
    phone,
    birthDate,
    city,
    country,
    locale,
    timeZone,
    updatedAt: updatedAt.toISOString(),
  };
}
