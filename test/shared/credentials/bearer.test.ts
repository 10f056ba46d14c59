import { expect, test } from '@jest/globals';
import { bearerToken, isServiceKey } from '#shared/credentials/bearer.ts';

test('a bearer header is read case-insensitively; another scheme is none', () => {
  expect(bearerToken('bearer  42.abc ')).toBe('42.abc');
  expect(bearerToken('Basic 42.abc')).toBeUndefined();
  expect(bearerToken(undefined)).toBeUndefined();
});

test.each([
  ['a'.repeat(15), false],
  ['a'.repeat(16), true],
  ['a'.repeat(512), true],
  ['a'.repeat(513), false],
  ['AZaz09-._~+/=....', true],
  [`${'a'.repeat(16)} b`, false],
  [`${'a'.repeat(16)}ü`, false],
  [`${'a'.repeat(16)}\n`, false],
])('every key that is taken can be sent, and read back whole: %j', (key, isTaken) => {
  expect(isServiceKey(key)).toBe(isTaken);
  if (isTaken) expect(bearerToken(`Bearer ${key}`)).toBe(key);
});
