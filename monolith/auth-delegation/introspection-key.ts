/**
 * Says what is wrong with an introspection key; `undefined` when nothing is. It travels as Bearer credentials, so it has
 * their alphabet (RFC 6750, section 2.1): with another character in it, it could never match.
 */
export function introspectionKeyError(key: string | undefined): string | undefined {
  if (key !== undefined && /^[\w.~+/=-]{16,512}$/.test(key)) return undefined;
  return 'INTROSPECTION_KEY must be 16 to 512 characters of A-Z a-z 0-9 - . _ ~ + / =, for example from "openssl rand -hex 32"';
}
