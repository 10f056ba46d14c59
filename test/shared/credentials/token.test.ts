import { expect, test } from '@jest/globals';
import { issueToken, parseToken, sameSecret } from '#shared/credentials/token.ts';

test('a token names its user and is stored only as a hash', () => {
  const issued = issueToken(42);
  expect(parseToken(issued.token)).toEqual({ userId: 42, hash: issued.hash });
  expect(issued.token).not.toContain(issued.hash);
});

test.each([
  '',
  '42',
  '0.x',
  `-1.${'a'.repeat(43)}`,
  `9007199254740993.${'a'.repeat(43)}`,
  `42.${'a'.repeat(42)}`,
])('what is not of the form is not a token: %j', (text) => {
  expect(parseToken(text)).toBeUndefined();
});

test('secrets of different lengths compare without an error', () => {
  expect(sameSecret('a', 'a')).toBe(true);
  expect(sameSecret('a', 'ab')).toBe(false);
});
