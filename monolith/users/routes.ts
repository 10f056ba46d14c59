import { Router } from 'express';
import type { CallerCheck } from '#monolith/auth-delegation/caller.ts';
import type { PasswordCost } from '#shared/credentials/password.ts';
import type { Logger } from '#shared/telemetry/log.ts';
import type { UserModels } from './models.ts';

export interface UserRoutesOptions {
  readonly models: UserModels;
  /** Who calls `/users/…`; `localCallerCheck(models)` as long as these tables answer for themselves. */
  readonly checkCaller: CallerCheck;
  /** What a caller of `POST /auth/introspect` must send as its Bearer credentials, at least 16 characters. */
  readonly introspectionKey: string;
  readonly log: Logger;
  /** Lighter hashing, for tests and seed data alone. */
  readonly passwordCost?: PasswordCost;
}

/**
 * `/users…` and `/auth…`. Mount it at the root, behind `jsonBody()` and before `notFound` and the error handlers; what
 * goes wrong is passed on as a Problem or as the database's own error.
 */
export function userRoutes(_options: UserRoutesOptions): Router {
  return Router();
}
