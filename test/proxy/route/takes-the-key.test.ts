import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { cookieValue, jwtClaim, keyReader } from '#proxy/route/key.ts';
import { headOf } from '#test/support/request-head.ts';

function jwt(claims: unknown): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `Bearer ${part({ alg: 'none' })}.${part(claims)}.sig`;
}

test('each source is read', () => {
  const head = headOf({
    headers: { 'x-tenant': ' acme ', cookie: 'a=1; sid="s-2"', authorization: jwt({ sub: 'u-1', n: 7 }) },
  });
  expect(keyReader({ path: 'id' })(head, { id: '42' })).toBe('42');
  expect(keyReader({ header: 'X-Tenant' })(head, {})).toBe('acme');
  expect(keyReader({ cookie: 'sid' })(head, {})).toBe('s-2');
  expect(keyReader({ jwtClaim: 'sub' })(head, {})).toBe('u-1');
  expect(keyReader({ jwtClaim: 'n' })(head, {})).toBe('7');
});

test('what is missing or empty is no key', () => {
  const head = headOf({ headers: { 'x-tenant': '  ', cookie: 'sid=' } });
  for (const source of [
    undefined,
    { path: 'id' },
    { header: 'x-tenant' },
    { cookie: 'sid' },
    { jwtClaim: 'sub' },
  ] as const) {
    expect(keyReader(source)(head, {})).toBeUndefined();
  }
});

test.each([
  'Bearer a.b.c',
  'Bearer x',
  'Basic abc',
  `Bearer a.${Buffer.from('[1]').toString('base64url')}.c`,
  'Bearer a.bnVsbA.c',
])('a token without the claim is no key: %s', (authorization) => {
  expect(jwtClaim(authorization, 'sub')).toBeUndefined();
});

test('inherited names and objects are no claims', () => {
  expect(jwtClaim(jwt({}), 'constructor')).toBeUndefined();
  expect(jwtClaim(jwt({ sub: { a: 1 } }), 'sub')).toBeUndefined();
});

test('of cookies with one name the first counts; another name that ends alike does not', () => {
  expect(cookieValue('xsid=0; sid=1; sid=2', 'sid')).toBe('1');
});

test('no header text makes the readers throw', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      cookieValue(text, 'sid');
      jwtClaim(text, 'sub');
      jwtClaim(`Bearer a.${text}.c`, 'sub');
    }),
  );
});
