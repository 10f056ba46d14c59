import { parseUserDomainSetting, type UserDomainSetting } from '#monolith/user-domain-setting.ts';

/** Who checks a caller's token: the user domain in this process, or the user-service at an address. */
export type AuthDelegationSetting = UserDomainSetting;

/**
 * Reads the environment variable `AUTH_DELEGATION`.
 * @throws Error, one sentence that names the variable and the remedy
 */
export function parseAuthDelegation(value: string | undefined): AuthDelegationSetting {
  return parseUserDomainSetting('AUTH_DELEGATION', value);
}
