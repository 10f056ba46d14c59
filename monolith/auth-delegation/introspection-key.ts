import { isServiceKey } from '#shared/credentials/bearer.ts';

/** Says what is wrong with an introspection key; `undefined` when nothing is. */
export function introspectionKeyError(key: string | undefined): string | undefined {
  if (key !== undefined && isServiceKey(key)) return undefined;
  return 'INTROSPECTION_KEY must be 16 to 512 characters of A-Z a-z 0-9 - . _ ~ + / =, for example from "openssl rand -hex 32"';
}
