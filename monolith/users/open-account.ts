import { Op, type Transaction } from 'sequelize';
import { userProblem } from './failures.ts';
import type { UserModels } from './models.ts';
import { activity } from './old-schema.ts';
import type { UserRow } from './user-model.ts';

// A closed account is a row that nobody may see. Whoever writes rows that hang on a user takes the user's row lock
// first: so nothing is added to an account while it is closed, the sessions of a user change one after the other, and
// with one lock taken first by all there is no deadlock. NO KEY UPDATE, which foreign keys' checks do not wait for.

/** A condition on `users` that a closed account does not meet. */
export function isOpen(id: number) {
  return { id, isActive: { [Op.ne]: activity.closed } };
}

/** @throws Problem 404 `user-not-found` where the user never was, or is closed */
export async function requireOpenAccount(models: UserModels, userId: number): Promise<UserRow> {
  const row = await models.user.findOne({ where: isOpen(userId) });
  if (row === null) throw userProblem('user-not-found');
  return row;
}

/** Locks the row of an open account until the transaction ends; `undefined` where there is none. */
export async function lockOpenAccount(
  models: UserModels,
  userId: number,
  transaction: Transaction,
): Promise<UserRow | undefined> {
  const lock = transaction.LOCK.NO_KEY_UPDATE;
  return (await models.user.findOne({ where: isOpen(userId), lock, transaction })) ?? undefined;
}

/**
 * Runs `work` in one transaction that holds the lock of an open account.
 * @throws Problem 404 `user-not-found`; whatever `work` rejects with, and then nothing has changed
 */
export async function withOpenAccount<T>(
  models: UserModels,
  userId: number,
  work: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  return models.sequelize.transaction(async (transaction) => {
    if ((await lockOpenAccount(models, userId, transaction)) === undefined)
      throw userProblem('user-not-found');
    return work(transaction);
  });
}
