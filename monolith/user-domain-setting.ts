/** Where something about users is asked: the user domain in this process, or the user-service at an address. */
export type UserDomainSetting =
  | { readonly kind: 'local' }
  | { readonly kind: 'remote'; readonly url: string };

/**
 * Reads an environment variable that says `local` (also when it is missing) or the address of the user-service,
 * `http://host:port`.
 * @throws Error, one sentence that names the variable and the remedy
 */
export function parseUserDomainSetting(variable: string, value: string | undefined): UserDomainSetting {
  if (value === undefined || value === 'local') return { kind: 'local' };
  const url = URL.parse(value);
  const isOrigin = url !== null && /^https?:$/.test(url.protocol) && `${url.origin}/` === url.href;
  if (isOrigin) return { kind: 'remote', url: url.origin };
  // The value is not repeated: it may hold a password.
  throw new Error(
    `${variable} must be "local" or the address of the user-service as http://host:port, ` +
      'without user, path or query',
  );
}
