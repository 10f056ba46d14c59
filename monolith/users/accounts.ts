import { Op, UniqueConstraintError } from 'sequelize';
import { pageOf, type Page } from '#monolith/paging.ts';
import { hashPassword, type PasswordCost } from '#shared/credentials/password.ts';
import type { AccountChange, AccountPage, NewAccount } from './account-input.ts';
import { userProblem } from './failures.ts';
import type { UserModels } from './models.ts';
import { activity, toUser, type User } from './old-schema.ts';
import { isOpen, requireOpenAccount } from './open-account.ts';

/** @throws Problem 409 `email-taken` */
export async function signUp(
  models: UserModels,
  account: NewAccount,
  passwordCost: PasswordCost | undefined,
): Promise<User> {
  const passwordHash = await hashPassword(account.password, passwordCost);
  const row = await taken(
    models.user.create({
      email: account.email,
      fullName: account.name,
      passwordHash,
      isActive: activity.active,
      isAdmin: 0,
    }),
  );
  return toUser(row);
}

/** @throws Problem 404 `user-not-found` */
export async function readUser(models: UserModels, userId: number): Promise<User> {
  return toUser(await requireOpenAccount(models, userId));
}

/** Open accounts in the order of their ids. */
export async function listUsers(models: UserModels, { limit, cursor }: AccountPage): Promise<Page<User>> {
  const rows = await models.user.findAll({
    where: { id: { [Op.gt]: cursor }, isActive: { [Op.ne]: activity.closed } },
    order: [['id', 'asc']],
    limit: limit + 1,
  });
  return pageOf(rows, { limit, idOf: (row) => row.id, show: toUser });
}

/** @throws Problem 404 `user-not-found`, 409 `email-taken` */
export async function changeUser(models: UserModels, userId: number, change: AccountChange): Promise<User> {
  const { email, name, status } = change;
  const values = {
    ...(email === undefined ? {} : { email }),
    ...(name === undefined ? {} : { fullName: name }),
    ...(status === undefined ? {} : { isActive: activity[status] }),
  };
  const [, rows] = await taken(models.user.update(values, { where: isOpen(userId), returning: true }));
  const [row] = rows;
  if (row === undefined) throw userProblem('user-not-found');
  return toUser(row);
}

/** The unique constraint alone decides: a look beforehand could be overtaken. */
async function taken<T>(write: Promise<T>): Promise<T> {
  try {
    return await write;
  } catch (error) {
    if (error instanceof UniqueConstraintError && 'email' in error.fields)
      throw userProblem('email-taken', error);
    throw error;
  }
}
