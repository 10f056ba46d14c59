// The alphabet of RFC 6750, section 2.1: a secret with another character in it could never be sent, and so never match.
const characters = '[\\w.~+/=-]';
const longest = 512;

const header = new RegExp(`^Bearer +(${characters}{1,${longest}}) *$`, 'i');
const serviceKey = new RegExp(`^${characters}{16,${longest}}$`);

/** The credentials of an `Authorization: Bearer …` header (RFC 6750), 1-512 characters, or `undefined`. */
export function bearerToken(authorization: string | undefined): string | undefined {
  return authorization === undefined ? undefined : header.exec(authorization)?.[1];
}

/** Whether a text can be a key that one system shows to another as its Bearer credentials: 16-512 characters. */
export function isServiceKey(text: string): boolean {
  return serviceKey.test(text);
}
