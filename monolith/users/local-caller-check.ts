import type { CallerCheck } from '#monolith/auth-delegation/caller.ts';
import { introspect } from './introspection.ts';
import type { UserModels } from './models.ts';

/** Checks a caller's token in the user domain's own tables, in this process. */
export function localCallerCheck(models: UserModels): CallerCheck {
  return async (token) => {
    const found = await introspect(models, token);
    return found.active ? { userId: found.userId, role: found.role } : undefined;
  };
}
