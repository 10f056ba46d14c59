import type { CallerCheck } from './caller.ts';
import type { AuthDelegation } from './delegation.types.ts';
import { remoteCallerCheck } from './remote-caller-check.ts';
import type { AuthDelegationSetting } from './setting.ts';

export type { AuthDelegation } from './delegation.types.ts';

export interface AuthDelegationParts {
  /** The check in this process, `localCallerCheck(models)` of the user domain. */
  readonly local: CallerCheck;
  /** What the user-service wants to see before it answers. */
  readonly introspectionKey: string;
}

/** Opens the one seam through which callers are checked, as `parseAuthDelegation` read it. */
export function openAuthDelegation(
  setting: AuthDelegationSetting,
  { local, introspectionKey }: AuthDelegationParts,
): AuthDelegation {
  if (setting.kind === 'remote') return remoteCallerCheck({ url: setting.url, introspectionKey });
  return { checkCaller: local, close: async () => undefined };
}
