import { expect, test } from '@jest/globals';
import { accountChange, accountPage, newAccount } from '#monolith/users/account-input.ts';
import { credentials, introspectionInput } from '#monolith/users/auth-input.ts';
import { preferenceInput } from '#monolith/users/preference-input.ts';
import { profileInput } from '#monolith/users/profile-input.ts';

const account = { email: 'ada@example.com', name: 'Ada', password: 'correct horse' };
const today = new Date();
const tomorrow = new Date(today.getTime() + 36 * 3_600_000).toISOString().slice(0, 10);

test.each([
  ['a plus and dots', 'a.b+c@example.co'],
  ['all that WHATWG allows', "!#$%&'*+/=?^_`{|}~-@x.y"],
  ['a local part of 64', `${'a'.repeat(64)}@example.com`],
  ['a label of 63', `a@${'b'.repeat(63)}.com`],
])('an address with %s is taken', (_name, email) => {
  expect(newAccount.parse({ ...account, email }).email).toBe(email);
});

test.each([
  'plain',
  'a@b',
  '@example.com',
  'a@.com',
  'a@example..com',
  'a@-example.com',
  'a@example.com.',
  'ä@example.com',
  'a b@example.com',
  `${'a'.repeat(65)}@example.com`,
  `a@${'b'.repeat(64)}.com`,
  `a@${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.${'e'.repeat(60)}.${'f'.repeat(20)}`,
  'closed-5@invalid',
])('what is no address is refused: %s', (email) => {
  expect(newAccount.safeParse({ ...account, email }).success).toBe(false);
});

test('addresses are trimmed and lower-cased, names trimmed, passwords kept as they are', () => {
  const sent = { email: ' Ada@Example.COM\n', name: '  Ada ', password: '  spaces  ' };
  expect(newAccount.parse(sent)).toEqual({ email: 'ada@example.com', name: 'Ada', password: '  spaces  ' });
});

test('lengths count code points', () => {
  const face = '\u{1F600}';
  expect(newAccount.safeParse({ ...account, name: face.repeat(200) }).success).toBe(true);
  expect(newAccount.safeParse({ ...account, name: face.repeat(201) }).success).toBe(false);
  expect(newAccount.safeParse({ ...account, password: face.repeat(7) }).success).toBe(false);
  expect(newAccount.safeParse({ ...account, password: face.repeat(8) }).success).toBe(true);
});

test.each(['a\0b', 'a\ud800b'])('text that PostgreSQL cannot hold as sent is refused: %j', (text) => {
  expect(newAccount.safeParse({ ...account, name: text }).success).toBe(false);
  expect(newAccount.safeParse({ ...account, password: `${text} horse staple` }).success).toBe(false);
  expect(preferenceInput.safeParse({ value: text }).success).toBe(false);
  expect(profileInput.safeParse({ bio: text }).success).toBe(false);
  expect(credentials.safeParse({ email: text, password: 'x' }).success).toBe(false);
  expect(introspectionInput.safeParse({ token: text }).success).toBe(false);
});

test('unknown fields are refused, also one named __proto__', () => {
  expect(newAccount.safeParse({ ...account, role: 'admin' }).success).toBe(false);
  expect(accountChange.safeParse(JSON.parse('{"name":"x","__proto__":{"status":"active"}}')).success).toBe(
    false,
  );
});

test.each([
  { limit: '0' },
  { limit: '101' },
  { limit: '05' },
  { limit: '-1' },
  { limit: ['1', '2'] },
  { cursor: '' },
  { cursor: 'MA' },
  { cursor: 'MQ==' },
  { cursor: 'LTE' },
])('a page is refused: %j', (query) => {
  expect(accountPage.safeParse(query).success).toBe(false);
});

test.each([
  { birthDate: '2025-02-29' },
  { birthDate: '1899-12-31' },
  { birthDate: tomorrow },
  { country: 'pt' },
  { country: 'PRT' },
  { locale: 'english please' },
  { locale: '' },
  { timeZone: 'Mars/Olympus' },
  { timeZone: '+01:00' },
  { phone: '12' },
  { phone: '++351' },
  { phone: '555-CALL' },
  { bio: '' },
  { displayName: '   ' },
  { city: 'x'.repeat(101) },
  { nickname: 'x' },
])('a profile is refused: %j', (profile) => {
  expect(profileInput.safeParse(profile).success).toBe(false);
});

test('what a profile does not name is null', () => {
  expect(
    profileInput.parse({ displayName: ' Ada ', timeZone: 'Europe/Lisbon', birthDate: '2024-02-29' }),
  ).toEqual({
    displayName: 'Ada',
    bio: null,
    phone: null,
    birthDate: '2024-02-29',
    city: null,
    country: null,
    locale: null,
    timeZone: 'Europe/Lisbon',
  });
});

test('a field with several faults is refused with one entry', () => {
  const faults = (result: { readonly error?: { readonly issues: readonly unknown[] } }) =>
    result.error?.issues.length;
  expect(faults(newAccount.safeParse({ ...account, email: ' \0' }))).toBe(1);
  expect(faults(newAccount.safeParse({ ...account, email: '' }))).toBe(1);
  expect(faults(newAccount.safeParse({ ...account, name: '\0'.repeat(300) }))).toBe(1);
  for (const field of ['phone', 'locale', 'timeZone', 'birthDate', 'displayName'])
    expect([field, faults(profileInput.safeParse({ [field]: '?'.repeat(500) }))]).toEqual([field, 1]);
  expect(faults(profileInput.safeParse({ timeZone: '' }))).toBe(1);
  expect(faults(profileInput.safeParse({ birthDate: '' }))).toBe(1);
});
