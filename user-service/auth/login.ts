import { unknownAccountHash, verifyPassword, type PasswordCost } from '#shared/credentials/password.ts';
import { problem, type Problem } from '#shared/errors/problem.ts';
import { queryOne, type Queryable } from '#user-service/database/pool.ts';
import type { Status } from '#user-service/users/user.ts';
import { unauthenticated } from './caller.ts';
import { openSession, type SessionTokens } from './session.ts';

/**
 * Opens a session. An unknown e-mail address is hashed against all the same, so that neither the answer nor its time
 * tells which addresses have an account; that one is suspended is told to whoever knows its password.
 * @param passwordCost of the accounts that there are
 * @throws Problem 401 `invalid-credentials`, 403 `account-suspended`
 */
export async function login(
  database: Queryable,
  { email, password }: { readonly email: string; readonly password: string },
  passwordCost: PasswordCost | undefined,
): Promise<SessionTokens> {
  const account = await findByEmail(database, email);
  const matches = await verifyPassword(password, account?.passwordHash ?? unknownAccountHash(passwordCost));
  if (account === undefined || !matches) throw invalidCredentials();
  const tokens = await openSession(database, account.userId);
  if (tokens !== undefined) return tokens;
  // Suspended or closed, perhaps only while the password was hashed: what is true now decides.
  throw (await findByEmail(database, email))?.status === 'suspended'
    ? accountSuspended()
    : invalidCredentials();
}

/**
 * The one look-up that does not know the user's id, since nobody types it to log in. On a database distributed by
 * user_id it asks every shard, or an index of addresses that is kept apart.
 */
async function findByEmail(
  database: Queryable,
  email: string,
): Promise<{ readonly userId: number; readonly passwordHash: string; readonly status: Status } | undefined> {
  return queryOne(
    database,
    `select user_id as "userId", password_hash as "passwordHash", status
     from accounts where email = $1 and status <> 'closed'`,
    [email],
  );
}

function invalidCredentials(): Problem {
  return unauthenticated('invalid-credentials', 'The e-mail address or the password is wrong.');
}

function accountSuspended(): Problem {
  return problem(403, 'account-suspended', 'This account is suspended; ask the support.');
}
