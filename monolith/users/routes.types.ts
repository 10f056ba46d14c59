import type { CallerCheck } from '#monolith/auth-delegation/caller.ts';
import type { PasswordCost } from '#shared/credentials/password.ts';
import type { Logger } from '#shared/telemetry/log.ts';
import type { UserModels } from './models.ts';

export interface UserRoutesOptions {
  readonly models: UserModels;
  /** Who calls `/users/…`; `localCallerCheck(models)` as long as these tables answer for themselves. */
  readonly checkCaller: CallerCheck;
  /** What a caller of `POST /auth/introspect` sends as its Bearer credentials; see `auth-delegation/introspection-key.ts`. */
  readonly introspectionKey: string;
  readonly log: Logger;
  /** See `passwordCosts`. Default full. */
  readonly passwordCost?: PasswordCost | undefined;
}
