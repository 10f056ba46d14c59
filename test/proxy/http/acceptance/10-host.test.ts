import { expect, test } from '@jest/globals';
import { expectRefused } from '#test/support/raw-http/oracle.ts';
import { withProxy } from '#test/support/raw-http/with-proxy.ts';

test.each([
  { name: 'none', bytes: 'GET /a HTTP/1.1\r\nA: b\r\n\r\n' },
  { name: 'none in HTTP/1.0', bytes: 'GET /a HTTP/1.0\r\n\r\n' },
  { name: 'two', bytes: 'GET /a HTTP/1.1\r\nHost: a.example\r\nHost: b.example\r\n\r\n' },
  { name: 'two, the same', bytes: 'GET /a HTTP/1.1\r\nHost: a.example\r\nHost: a.example\r\n\r\n' },
  { name: 'empty', bytes: 'GET /a HTTP/1.1\r\nHost:\r\n\r\n' },
  ...[
    'user@a.example',
    'user:pass@a.example',
    'a.example, b.example',
    'a.example/path',
    'a.example?x',
    'a.example#x',
    'a.example:port',
    'a.example:',
    'a.example:123456',
    'a b',
    'http://a.example',
    '[::1',
    '::1',
    '[::1]x',
    'a.ex\xe4mple',
    'a\\b',
    'a%00b',
  ].map((host) => ({ name: host, bytes: `GET /a HTTP/1.1\r\nHost: ${host}\r\n\r\n` })),
])('a request without exactly one clear Host is refused: $name', async (payload) => {
  await expectRefused(payload, 400);
});

test.each([
  'a.example',
  'A.Example:8080',
  'a_b.internal',
  'localhost',
  '127.0.0.1:1',
  '[::1]:8443',
  '[2001:db8::1]',
])('Host goes through as it came: %s', async (host) => {
  await withProxy({}, async (proxy) => {
    await proxy.ask(`GET /a HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    expect(proxy.upstream.requests[0]?.all('host')).toEqual([host]);
    expect(proxy.upstream.requests[0]?.all('x-forwarded-host')).toEqual([host]);
  });
});
