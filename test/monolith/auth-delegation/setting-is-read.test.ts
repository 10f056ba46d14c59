import { expect, test } from '@jest/globals';
import { introspectionKeyError } from '#monolith/auth-delegation/introspection-key.ts';
import { parseAuthDelegation } from '#monolith/auth-delegation/setting.ts';
import { requireIntrospectionKey } from '#monolith/users/introspection-key.ts';

test('none and "local" mean this process', () => {
  expect(parseAuthDelegation(undefined)).toEqual({ kind: 'local' });
  expect(parseAuthDelegation('local')).toEqual({ kind: 'local' });
});

test.each([
  ['http://127.0.0.1:4002', 'http://127.0.0.1:4002'],
  ['http://users.internal:80/', 'http://users.internal'],
  ['https://[::1]:4002', 'https://[::1]:4002'],
])('%s is an address', (value, url) => {
  expect(parseAuthDelegation(value)).toEqual({ kind: 'remote', url });
});

test.each([
  '',
  'remote',
  '127.0.0.1:4002',
  'ftp://host:1',
  'http://',
  'http://host/path',
  'http://host/?q',
  'http://me:secret@host:1',
])('%j is refused, and not repeated in the message', (value) => {
  expect(() => parseAuthDelegation(value)).toThrow(/^AUTH_DELEGATION must be "local" or /);
  expect(() => parseAuthDelegation(value)).not.toThrow(/secret/);
});

test.each([undefined, '', 'fifteen-letters', 'a key with blanks in it', 'sixteen-léttérs!', 'x'.repeat(513)])(
  'a key that could not be sent or guessed too soon is refused: %j',
  (key) => {
    expect(introspectionKeyError(key)).toMatch(/^INTROSPECTION_KEY must be /);
    expect(() => requireIntrospectionKey(key ?? '')).toThrow(/^INTROSPECTION_KEY/);
  },
);

test('a key of 16 characters is enough', () => {
  expect(introspectionKeyError('sixteen-letters.')).toBeUndefined();
});
