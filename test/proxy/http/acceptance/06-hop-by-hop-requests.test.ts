import { expect, test } from '@jest/globals';
import { expectRefused } from '#test/support/raw-http/oracle.ts';
import { withProxy } from '#test/support/raw-http/with-proxy.ts';

const start = 'GET /a HTTP/1.1\r\nHost: a.example\r\n';

test('headers of one hop stay on it', async () => {
  await withProxy({}, async (proxy) => {
    await proxy.ask(
      `${start}Connection: keep-alive\r\nKeep-Alive: timeout=9\r\nProxy-Connection: keep-alive\r\nTE: trailers\r\n` +
        'Trailer: X-Sum\r\nProxy-Authorization: Basic eDp5\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQ\r\n' +
        'X-Stays: 1\r\n\r\n',
    );
    const names = proxy.upstream.requests[0]?.headers.map(([name]) => name.toLowerCase());
    expect(names).toEqual([
      'host',
      'x-stays',
      'x-forwarded-for',
      'x-forwarded-host',
      'x-forwarded-proto',
      'x-request-id',
    ]);
  });
});

test.each([
  'Connection: X-Secret',
  'Connection: close, x-secret',
  'Connection: keep-alive,X-SECRET',
  'Connection: keep-alive\r\nConnection: X-Secret',
  'Connection: ,, x-secret ,',
])('a nominated header is stripped: %j', async (connection) => {
  await withProxy({}, async (proxy) => {
    await proxy.ask(`${start}X-Secret: 1\r\n${connection}\r\nx-secret: 2\r\nX-Other: 3\r\n\r\n`);
    const [request] = proxy.upstream.requests;
    expect(request?.all('x-secret')).toEqual([]);
    expect(request?.all('x-other')).toEqual(['3']);
  });
});

test('nominating our own headers does not take them away (Traefik CVE-2024-45410)', async () => {
  await withProxy({}, async (proxy) => {
    await proxy.ask(
      `${start}Connection: X-Forwarded-For, X-Forwarded-Host, X-Forwarded-Proto, X-Request-Id\r\n\r\n`,
    );
    const [request] = proxy.upstream.requests;
    expect(request?.all('x-forwarded-for')).toEqual(['127.0.0.1']);
    expect(request?.all('x-forwarded-host')).toEqual(['a.example']);
    expect(request?.all('x-forwarded-proto')).toEqual(['http']);
    expect(request?.all('x-request-id')).toHaveLength(1);
  });
});

test.each([
  'Host',
  'Content-Length',
  'close, Transfer-Encoding',
  'content-length, x',
  'Authorization',
  'cookie',
  '"x"',
  'a b',
  'x;y',
])('a Connection that nominates framing, or is no list of tokens, is refused: %s', async (value) => {
  await expectRefused({ name: value, bytes: `${start}Connection: ${value}\r\n\r\n` }, 400);
});
