import { userProblem } from './failures.ts';
import type { UserModels } from './models.ts';
import { requireOpenAccount, withOpenAccount } from './open-account.ts';

const maximumKeys = 200;

export interface Preference {
  readonly key: string;
  readonly value: string;
  /** ISO 8601, UTC, milliseconds. */
  readonly updatedAt: string;
}

/**
 * All preferences of a user, by key, in the order of the keys' characters (not of the database's collation).
 * @throws Problem 404 `user-not-found`
 */
export async function readPreferences(models: UserModels, userId: number): Promise<Record<string, string>> {
  const rows = await models.preference.findAll({ where: { userId } });
  if (rows.length === 0) await requireOpenAccount(models, userId);
  // Neither a prototype nor an assignment: a key such as `__proto__`, wherever it came from, is a key like any other.
  const entries = rows.map(({ key, value }) => [key, value] as const);
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** @throws Problem 404 `user-not-found`, 409 `too-many-preferences` */
export async function setPreference(
  models: UserModels,
  userId: number,
  { key, value }: Omit<Preference, 'updatedAt'>,
): Promise<Preference> {
  return withOpenAccount(models, userId, async (transaction) => {
    const others = await models.preference.findAll({
      where: { userId },
      attributes: ['key'],
      transaction,
    });
    if (others.length >= maximumKeys && !others.some((other) => other.key === key))
      throw userProblem('too-many-preferences');
    const [row] = await models.preference.upsert({ userId, key, value }, { transaction });
    return { key: row.key, value: row.value, updatedAt: row.updatedAt.toISOString() };
  });
}

/** @throws Problem 404 `user-not-found`, `preference-not-found` */
export async function deletePreference(models: UserModels, userId: number, key: string): Promise<void> {
  if ((await models.preference.destroy({ where: { userId, key } })) > 0) return;
  await requireOpenAccount(models, userId);
  throw userProblem('preference-not-found');
}
