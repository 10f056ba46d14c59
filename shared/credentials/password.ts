import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto';
import { promisify } from 'node:util';

// The stored form travels with the row from one side to the other, so both sides must read the same form:
// `scrypt$<log2 N>$<r>$<p>$<salt, base64url>$<hash, base64url>`. Cost as OWASP's password storage cheat sheet gives it
// for scrypt (N = 2^15, r = 8, p = 3); a stored hash names its own cost, so that it can rise later.
export const passwordCosts = {
  full: { logN: 15, r: 8, p: 3 },
  /** For sample data and tests alone: the least that still is the real thing. */
  light: { logN: 10, r: 8, p: 1 },
} as const satisfies Readonly<Record<string, PasswordCost>>;
const hashBytes = 32;
const saltBytes = 16;
const maxMemoryBytes = 256 * 1024 * 1024;

const derive = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt);

export interface PasswordCost {
  /** log2 of scrypt's N, 1-20. */
  readonly logN: number;
  /** 1-32 */
  readonly r: number;
  /** 1-16 */
  readonly p: number;
}

/** Hashes a password with a fresh salt. */
export async function hashPassword(
  password: string,
  cost: PasswordCost = passwordCosts.full,
): Promise<string> {
  const salt = randomBytes(saltBytes);
  const hash = await scryptOf(password, salt, cost, hashBytes);
  return stored(cost, salt.toString('base64url'), hash.toString('base64url'));
}

/** Compares in constant time. A stored value that is not of our form never matches; it does not throw. */
export async function verifyPassword(password: string, kept: string): Promise<boolean> {
  const parsed = parseStored(kept);
  if (parsed === undefined) return false;
  const hash = await scryptOf(password, parsed.salt, parsed, parsed.hash.length);
  return timingSafeEqual(hash, parsed.hash);
}

/**
 * A hash that no password matches. Verify against it when the account does not exist, so that the time of a login does
 * not tell which e-mails are known.
 * @param cost of the accounts that there are: another one would tell
 */
export function unknownAccountHash(cost: PasswordCost = passwordCosts.full): string {
  return stored(cost, 'A'.repeat(22), 'A'.repeat(43));
}

function stored({ logN, r, p }: PasswordCost, salt: string, hash: string): string {
  return ['scrypt', logN, r, p, salt, hash].join('$');
}

function scryptOf(
  password: string,
  salt: Buffer,
  { logN, r, p }: PasswordCost,
  bytes: number,
): Promise<Buffer> {
  // NFKC as RFC 8265 asks, so that the same typed password matches from every keyboard.
  return derive(password.normalize('NFKC'), salt, bytes, { N: 2 ** logN, r, p, maxmem: maxMemoryBytes });
}

function parseStored(
  kept: string,
): (PasswordCost & { readonly salt: Buffer; readonly hash: Buffer }) | undefined {
  const match = /^scrypt\$(\d{1,2})\$(\d{1,2})\$(\d{1,2})\$([\w-]{8,64})\$([\w-]{22,128})$/.exec(kept);
  if (match === null) return undefined;
  const [, logN = '', r = '', p = '', salt = '', hash = ''] = match;
  const parsed = { logN: Number(logN), r: Number(r), p: Number(p) };
  if (parsed.logN < 1 || parsed.logN > 20 || parsed.r < 1 || parsed.r > 32 || parsed.p < 1 || parsed.p > 16)
    return undefined;
  return { ...parsed, salt: Buffer.from(salt, 'base64url'), hash: Buffer.from(hash, 'base64url') };
}
