import { expect, test } from '@jest/globals';
import { faultsOf, type Exchange } from './conformance.ts';

const health: Exchange = {
  method: 'GET',
  path: '/healthz',
  requestBody: undefined,
  status: 200,
  headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
  body: '{"status":"ok"}',
};

const created: Exchange = {
  ...health,
  method: 'POST',
  path: '/users',
  requestBody: '{"email":"ada@example.com","name":"Ada","password":"correct horse"}',
  status: 201,
  headers: { ...health.headers, location: '/users/42' },
  body: JSON.stringify({
    id: 42,
    email: 'ada@example.com',
    name: 'Ada',
    role: 'customer',
    status: 'active',
    createdAt: '2026-01-02T03:04:05.678Z',
    updatedAt: '2026-01-02T03:04:05.678Z',
  }),
};

const problem = (status: number, code: string) =>
  JSON.stringify({ type: 'about:blank', title: code, status, code, detail: 'No.' });

const refused: Exchange = {
  ...health,
  path: '/users/42',
  status: 401,
  headers: { ...health.headers, 'content-type': 'application/problem+json', 'www-authenticate': 'Bearer' },
  body: problem(401, 'not-authenticated'),
};

test('what the description allows has no fault', () => {
  expect([health, created, refused].flatMap(faultsOf)).toEqual([]);
});

test.each<[string, Exchange]>([
  ['a status that is not declared', { ...health, status: 418 }],
  ['another content type', { ...health, headers: { ...health.headers, 'content-type': 'text/html' } }],
  ['a body of another form', { ...health, body: '{"status":"fine"}' }],
  ['a body after HEAD', { ...health, method: 'HEAD' }],
  ['an answer for the cache', { ...health, headers: { 'content-type': 'application/json' } }],
  ['an ETag', { ...health, headers: { ...health.headers, etag: 'W/"1"' } }],
  ['no Location', { ...created, headers: health.headers }],
  ['a Location elsewhere', { ...created, headers: { ...created.headers, location: '/accounts/42' } }],
  ['a request taken that is wrong', { ...created, requestBody: '{"email":"ada@example.com","name":"Ada"}' }],
  ['a request taken without its body', { ...created, requestBody: undefined }],
  ['a code of another status', { ...refused, body: problem(401, 'not-allowed') }],
  ['another status in the body', { ...refused, body: problem(403, 'not-authenticated') }],
  ['no WWW-Authenticate', { ...refused, headers: { ...refused.headers, 'www-authenticate': undefined } }],
  ['a body where there is none', { ...refused, method: 'DELETE', status: 204 }],
  ['something at an address that is not described', { ...health, path: '/elsewhere' }],
])('a fault is found: %s', (_case, exchange) => {
  expect(faultsOf(exchange)).toHaveLength(1);
});
