import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

// An opaque bearer token carries the id of its user in front of the secret, so that a look-up goes to the partition
// that holds the user's rows (the database can be distributed by it). The database holds only the SHA-256 of the secret:
// 32 random bytes need no slow hash.
const form = /^([1-9]\d{0,15})\.([\w-]{43})$/;

export interface ParsedToken {
  readonly userId: number;
  /** SHA-256 of the secret part, 64 hexadecimal digits; this is what is stored. */
  readonly hash: string;
}

export interface IssuedToken extends ParsedToken {
  /** What the client gets, once. Never stored, never logged. */
  readonly token: string;
}

export function issueToken(userId: number): IssuedToken {
  const secret = randomBytes(32).toString('base64url');
  return { userId, hash: hashOf(secret), token: `${userId}.${secret}` };
}

/** `undefined` for anything that is not of our form; such a token is simply not active. */
export function parseToken(token: string): ParsedToken | undefined {
  const match = form.exec(token);
  if (match === null) return undefined;
  const [, id = '', secret = ''] = match;
  const userId = Number(id);
  return Number.isSafeInteger(userId) ? { userId, hash: hashOf(secret) } : undefined;
}

/** Compares two secrets of any length in constant time. */
export function sameSecret(given: string, expected: string): boolean {
  return timingSafeEqual(
    createHash('sha256').update(given).digest(),
    createHash('sha256').update(expected).digest(),
  );
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
