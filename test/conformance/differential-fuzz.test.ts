import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { withProxy } from '#test/support/raw-http/with-proxy.ts';

/**
 * Requests made of good and bad pieces, then mutated, go to the proxy; Node's own HTTP server stands behind it. What
 * the proxy decided on and what the server saw must be the same list of requests, whatever the bytes were.
 * `FUZZ_RUNS` sets the number of cases (300).
 */
const runs = Number(process.env['FUZZ_RUNS'] ?? 300);

const method = fc.constantFrom('GET', 'POST', 'DELETE', 'HEAD', 'OPTIONS', 'PUT', 'get', 'FOO', 'CONNECT');
const target = fc.constantFrom(
  '/',
  '/a',
  '/a?b=c',
  '//a',
  '/a/../b',
  '/%2e%2e',
  'http://a.example/x',
  '*',
  '/a b',
  '/a#b',
);
const eol = fc.oneof(
  { weight: 30, arbitrary: fc.constant('\r\n') },
  { weight: 1, arbitrary: fc.constantFrom('\n', '\r', '\r\r\n', '') },
);
const header = fc.constantFrom(
  'Host: a.example',
  'A: b',
  'Content-Length: 5',
  'Content-Length: 0',
  'Content-Length: 6',
  'content-length : 5',
  'Content-Length: +5',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: Chunked',
  'Transfer-Encoding: chunked, identity',
  'Transfer-Encoding:\tchunked',
  'Transfer-Encoding : chunked',
  'Connection: close',
  'Connection: keep-alive, A',
  'Connection: Content-Length',
  'Upgrade: h2c',
  'Connection: Upgrade',
  'Expect: 100-continue',
  ' folded',
  'A: \0',
  'A: \x80\xff',
  'Trailer: T',
);
const body = fc.constantFrom(
  '',
  'hello',
  '5\r\nhello\r\n0\r\n\r\n',
  '5;a=b\r\nhello\r\n0\r\nT: r\r\n\r\n',
  '5\nhello\r\n0\r\n\r\n',
  '05\r\nhello\r\n0\r\n\r\n',
  '0x5\r\nhello\r\n0\r\n\r\n',
  'hello!',
  '0\r\n\r\n',
);
const message = fc
  .record({
    method,
    target,
    version: fc.constantFrom('HTTP/1.1', 'HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0'),
    headers: fc.array(fc.tuple(header, eol), { maxLength: 5 }),
    hosts: fc.constantFrom('Host: a.example\r\n', 'Host: a.example\r\n', 'Host: a.example\r\n', ''),
    eol,
    body,
  })
  .map((part) => {
    const lines = part.headers.map(([line, end]) => line + end).join('');
    return `${part.method} ${part.target} ${part.version}\r\n${part.hosts}${lines}${part.eol}${part.body}`;
  });

const mutation = fc.record({
  at: fc.double({ min: 0, max: 0.999, noNaN: true }),
  remove: fc.integer({ min: 0, max: 3 }),
  insert: fc.constantFrom(
    '',
    ' ',
    '\r',
    '\n',
    '\r\n',
    '\0',
    ':',
    ',',
    ';',
    '0',
    'x',
    '\t',
    '\x0b',
    '\xa0',
    'GET / HTTP/1.1\r\n',
  ),
});
const input = fc
  .tuple(
    fc.array(message, { minLength: 1, maxLength: 3 }),
    fc.array(mutation, { maxLength: 2 }),
    fc.integer({ min: 1, max: 200 }),
  )
  .map(([messages, mutations, split]) => {
    let bytes = messages.join('');
    for (const { at, remove, insert } of mutations) {
      const index = Math.floor(at * bytes.length);
      bytes = bytes.slice(0, index) + insert + bytes.slice(index + remove);
    }
    return { bytes, split };
  });

test('what the proxy lets through is what Node’s HTTP server reads', async () => {
  const seen: string[] = [];
  let through = 0;
  const refused: string[] = [];
  const server = createServer({ insecureHTTPParser: false }, (request: IncomingMessage, response) => {
    let length = 0;
    request.on('data', (chunk: Buffer) => (length += chunk.length));
    request.on('end', () => {
      seen.push(`${request.method} ${request.url} ${length} ${request.headers['x-request-id']}`);
      response.end(request.url);
    });
  });
  server.on('clientError', (error: Error & { code?: string }, socket) => {
    // A connection that the proxy itself cut is no complaint about its bytes.
    if (error.code !== 'ECONNRESET' && error.code !== 'HPE_INVALID_EOF_STATE') refused.push(String(error));
    socket.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    await withProxy(
      { upstreamOptions: { url, maxConnections: 1 }, limits: { requestTimeoutMs: 60_000 } },
      async (proxy) => {
        await fc.assert(
          fc.asyncProperty(input, async ({ bytes, split }) => {
            seen.length = 0;
            const before = proxy.reports.length;
            const client = await proxy.connect();
            client.send(bytes.slice(0, split));
            if (bytes.length > split) {
              await delay(1);
              client.send(bytes.slice(split));
            }
            await Promise.race([client.closed, delay(8)]);
            client.destroy();
            const clean = await proxy.ask('GET /clean HTTP/1.1\r\nHost: a.example\r\n\r\n');
            expect(clean.body).toBe('/clean');
            await delay(1);
            const answered = proxy.reports.slice(before).filter(({ status }) => status === 200);
            const decided = answered.map(
              ({ head, requestBytes }) => `${head.method} ${head.target} ${requestBytes} ${head.id}`,
            );
            expect(refused).toEqual([]);
            expect(seen).toEqual(decided);
            through += decided.length - 1;
          }),
          { numRuns: runs },
        );
        // The pieces must not be so bad that nothing gets through.
        expect(through).toBeGreaterThan(runs / 10);
      },
    );
  } finally {
    server.close();
    server.closeAllConnections();
  }
}, 120_000);
