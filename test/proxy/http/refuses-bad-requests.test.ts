import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sendRaw, startPlane, type TestPlane } from '#test/support/data-plane.ts';
import { startUpstream, type Upstream } from '#test/support/upstream.ts';

let upstream: Upstream;
let proxy: TestPlane;

beforeAll(async () => {
  upstream = await startUpstream('one');
  proxy = await startPlane({
    upstreams: { one: upstream.url },
    limits: { maxBodyBytes: 1_000, maxHeaderBytes: 4_096 },
  });
});
afterAll(async () => {
  await proxy.stop();
  await upstream.close();
});

const host = 'Host: a\r\n';
const cases: readonly [name: string, bytes: string, status: number][] = [
  [
    'Content-Length with Transfer-Encoding',
    `POST / HTTP/1.1\r\n${host}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    400,
  ],
  ['two Content-Lengths', `POST / HTTP/1.1\r\n${host}Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc`, 400],
  ['unknown transfer coding', `POST / HTTP/1.1\r\n${host}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`, 400],
  ['space before the colon', `GET / HTTP/1.1\r\n${host}X-A : 1\r\n\r\n`, 400],
  ['folded header', `GET / HTTP/1.1\r\n${host}X-A: 1\r\n 2\r\n\r\n`, 400],
  ['NUL in a header', `GET / HTTP/1.1\r\n${host}X-A: a\0b\r\n\r\n`, 400],
  ['no Host', 'GET / HTTP/1.1\r\nX-A: 1\r\n\r\n', 400],
  ['two Hosts', 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n', 400],
  ['absolute-form target', `GET http://b/ HTTP/1.1\r\n${host}Connection: close\r\n\r\n`, 400],
  ['double slash', `GET //b HTTP/1.1\r\n${host}Connection: close\r\n\r\n`, 400],
  ['asterisk', `OPTIONS * HTTP/1.1\r\n${host}Connection: close\r\n\r\n`, 400],
  ['dot segment', `GET /a/../b HTTP/1.1\r\n${host}Connection: close\r\n\r\n`, 400],
  ['encoded slash', `GET /a%2fb HTTP/1.1\r\n${host}Connection: close\r\n\r\n`, 400],
  ['encoded dot', `GET /%2e%2e/b HTTP/1.1\r\n${host}Connection: close\r\n\r\n`, 400],
  ['encoded NUL', `GET /a%00 HTTP/1.1\r\n${host}Connection: close\r\n\r\n`, 400],
  ['backslash', `GET /a\\b HTTP/1.1\r\n${host}Connection: close\r\n\r\n`, 400],
  ['bad percent-encoding', `GET /a%2 HTTP/1.1\r\n${host}Connection: close\r\n\r\n`, 400],
  ['CONNECT', `CONNECT a:80 HTTP/1.1\r\n${host}\r\n`, 405],
  ['TRACE', `TRACE / HTTP/1.1\r\n${host}Connection: close\r\n\r\n`, 405],
  ['unknown expectation', `POST / HTTP/1.1\r\n${host}Expect: 200-ok\r\nContent-Length: 1\r\n\r\na`, 417],
  ['headers over the limit', `GET / HTTP/1.1\r\n${host}X-A: ${'a'.repeat(5_000)}\r\n\r\n`, 431],
  [
    'stated body over the limit',
    `POST / HTTP/1.1\r\n${host}Content-Length: 1001\r\nConnection: close\r\n\r\n`,
    413,
  ],
  ['nominated Host', `GET / HTTP/1.1\r\n${host}Connection: close, Host\r\n\r\n`, 400],
];

test.each(cases)('%s', async (_name, bytes, status) => {
  const answer = await sendRaw(proxy.plane.port, bytes);
  expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(answer.toLowerCase()).toContain('connection: close');
  expect(upstream.received).toHaveLength(0);
});

test('a chunked body over the limit is refused and never completed upstream', async () => {
  const chunk = `400\r\n${'a'.repeat(1_024)}\r\n`;
  const answer = await sendRaw(
    proxy.plane.port,
    `POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n${chunk}0\r\n\r\n`,
  );
  expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  expect(upstream.received).toHaveLength(0);
});
