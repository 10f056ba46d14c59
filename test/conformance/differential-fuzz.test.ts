import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import {
  array,
  assert,
  asyncProperty,
  constantFrom,
  double,
  integer,
  oneof,
  record,
  tuple,
} from 'fast-check';
import { withProxy } from '#test/support/raw-http/with-proxy.ts';

/**
 * Requests made of good and bad pieces, then mutated, go to the proxy; Node's own HTTP server stands behind it. What
 * the proxy decided on and what the server saw must be the same list of requests, whatever the bytes were.
 * `FUZZ_RUNS` sets the number of cases (300).
 */
const runs = Number(process.env['FUZZ_RUNS'] ?? 300);

const mostly = (good: string[], bad: string[]) => {
  return oneof(
    { weight: 12, arbitrary: constantFrom(...good) },
    { weight: 1, arbitrary: constantFrom(...bad) },
  );
};
const method = mostly(
  ['GET', 'POST', 'DELETE', 'HEAD', 'OPTIONS', 'PUT'],
  ['get', 'FOO', 'CONNECT', 'TRACE', 'PRI'],
);
const target = mostly(
  ['/', '/a', '/a?b=c', '/%61', 'http://a.example/x'],
  ['//a', '/a/../b', '/%2e%2e', '*', '/a b', '/a#b', 'http://b.example/'],
);
const version = mostly(['HTTP/1.1'], ['HTTP/1.0', 'HTTP/2.0', 'HTTP/1.2', 'http/1.1']);
const host = mostly(['Host: a.example\r\n'], ['', 'Host: a.example\r\nHost: a.example\r\n', 'Host: a@b\r\n']);
const eol = mostly(['\r\n'], ['\n', '\r', '\r\r\n', '']);
const header = mostly(
  [
    'A: b',
    'Connection: keep-alive, A',
    'Upgrade: h2c',
    'Connection: Upgrade',
    'A: \x80\xff',
    'Trailer: T',
    'Empty:',
  ],
  [
    ' folded',
    'A: \0',
    'A : b',
    'Connection: close',
    'Connection: Content-Length',
    'Expect: 100-continue',
    'Expect: x',
  ],
);
/** Header lines and a body that belong together, and some that do not. */
const framed = mostly(
  [
    '|',
    '|',
    'Content-Length: 5\r\n|hello',
    'Content-Length: 0\r\n|',
    'Transfer-Encoding: chunked\r\n|5\r\nhello\r\n0\r\n\r\n',
    'transfer-encoding: Chunked\r\n|5;a=b\r\nhello\r\n0\r\nT: r\r\n\r\n',
    'Transfer-Encoding: chunked\r\n|0\r\n\r\n',
    'Transfer-Encoding: chunked\r\n|05\r\nhello\r\n0\r\n\r\n',
  ],
  [
    'Content-Length: 4\r\n|hello',
    'Content-Length: 6\r\n|hello',
    'Content-Length: +5\r\n|hello',
    'Content-Length : 5\r\n|hello',
    'Content-Length: 5\r\nContent-Length: 5\r\n|hello',
    'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n|0\r\n\r\n',
    'Transfer-Encoding: chunked, identity\r\n|5\r\nhello\r\n0\r\n\r\n',
    'Transfer-Encoding:\tchunked\r\n|5\r\nhello\r\n0\r\n\r\n',
    'Transfer-Encoding : chunked\r\n|0\r\n\r\n',
    'Transfer-Encoding: chunked\r\n|5\nhello\r\n0\r\n\r\n',
    'Transfer-Encoding: chunked\r\n|0x5\r\nhello\r\n0\r\n\r\n',
    'Transfer-Encoding: chunked\r\n|5\r\nhello!\r\n0\r\n\r\n',
    '|hello',
  ],
);
const message = record({
  method,
  target,
  version,
  host,
  framed,
  headers: array(tuple(header, eol), { maxLength: 3 }),
  eol,
}).map((part) => {
  const [framing = '', body = ''] = part.framed.split('|');
  const lines = part.headers.map(([line, end]) => line + end).join('');
  return `${part.method} ${part.target} ${part.version}\r\n${part.host}${lines}${framing}${part.eol}${body}`;
});

const mutation = record({
  at: double({ min: 0, max: 0.999, noNaN: true }),
  remove: integer({ min: 0, max: 3 }),
  insert: constantFrom(
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
const input = tuple(
  array(message, { minLength: 1, maxLength: 3 }),
  array(mutation, { maxLength: 1 }),
  integer({ min: 1, max: 200 }),
).map(([messages, mutations, split]) => {
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
      seen.push(`${request.method} ${request.url} ${length} ${String(request.headers['x-request-id'])}`);
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
        await assert(
          asyncProperty(input, async ({ bytes, split }) => {
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
