import { problem, type Problem } from '#shared/errors/problem.ts';

// Every way in which the user domain refuses a request, beside what the routes' own checks say. The words are those of
// the contract, so that the answers of both sides compare equal.
const failures = {
  'user-not-found': [404, 'There is no such user.'],
  'profile-not-found': [404, 'This user has no profile.'],
  'preference-not-found': [404, 'This user has no such preference.'],
  'email-taken': [409, 'Another account has this e-mail address.'],
  'too-many-preferences': [409, 'A user has at most 200 preferences; delete one first.'],
  'invalid-credentials': [401, 'The e-mail address or the password is wrong.'],
  'account-suspended': [403, 'This account is suspended; ask the support.'],
  'invalid-refresh-token': [401, 'The refresh token does not count; log in again.'],
} as const satisfies Record<string, readonly [status: number, detail: string]>;

export type UserFailure = keyof typeof failures;

export function userProblem(code: UserFailure, cause?: unknown): Problem {
  const [status, detail] = failures[code];
  const headers = status === 401 ? { 'WWW-Authenticate': 'Bearer' } : {};
  return problem(status, code, detail, { headers, cause });
}
