import { expect, test } from '@jest/globals';
import {
  hashPassword,
  passwordCosts,
  unknownAccountHash,
  verifyPassword,
} from '#shared/credentials/password.ts';

const light = { logN: 4, r: 8, p: 1 };

test('a password matches its hash and no other', async () => {
  const stored = await hashPassword('correct horse', light);
  expect(await verifyPassword('correct horse', stored)).toBe(true);
  expect(await verifyPassword('correct horsf', stored)).toBe(false);
});

test('equal passwords get different hashes', async () => {
  expect(await hashPassword('same', light)).not.toBe(await hashPassword('same', light));
});

test('a password typed in another Unicode form matches', async () => {
  const stored = await hashPassword('café', light);
  expect(await verifyPassword('cafe\u0301', stored)).toBe(true);
});

test.each([
  '',
  'plain',
  'scrypt$4$8$1$short$short',
  'scrypt$31$8$1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
])('a stored value of another form never matches and never throws: %j', async (stored) => {
  expect(await verifyPassword('anything', stored)).toBe(false);
});

test('the hash for unknown accounts is well formed, costs what it is told to, and matches nothing', async () => {
  expect(await verifyPassword('', unknownAccountHash(light))).toBe(false);
  expect(unknownAccountHash()).toMatch(/^scrypt\$15\$8\$3\$/);
  expect(unknownAccountHash(passwordCosts.light)).toMatch(/^scrypt\$10\$8\$1\$/);
});
