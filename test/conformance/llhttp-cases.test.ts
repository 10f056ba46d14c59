import { expect, test } from '@jest/globals';
import { Parser, type MessageKind } from '#proxy/http/llhttp.ts';

/**
 * What llhttp documents of itself (test/request, test/response of its repository), written anew for our binding: an
 * update of the parser that changes one of these answers must be looked at. `ok` is method or status, target or
 * reason, body, and whether the connection may go on; `refused` means an error before the message was complete.
 */
interface Case {
  readonly name: string;
  readonly bytes: string;
  readonly ok?: readonly [start: string, target: string, body: string, keepAlive: boolean];
}

const requests: readonly Case[] = [
  { name: 'simple', bytes: 'GET / HTTP/1.1\r\n\r\n', ok: ['GET', '/', '', true] },
  { name: 'HTTP/1.0', bytes: 'GET / HTTP/1.0\r\n\r\n', ok: ['GET', '/', '', false] },
  {
    name: 'HTTP/1.0 kept',
    bytes: 'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n',
    ok: ['GET', '/', '', true],
  },
  { name: 'close', bytes: 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n', ok: ['GET', '/', '', false] },
  {
    name: 'close in a list',
    bytes: 'GET / HTTP/1.1\r\nConnection: a, close\r\n\r\n',
    ok: ['GET', '/', '', false],
  },
  { name: 'query', bytes: 'GET /a?b=c&d=e%20f HTTP/1.1\r\n\r\n', ok: ['GET', '/a?b=c&d=e%20f', '', true] },
  {
    name: 'question mark in the query',
    bytes: 'GET /a?b?c HTTP/1.1\r\n\r\n',
    ok: ['GET', '/a?b?c', '', true],
  },
  { name: 'absolute form', bytes: 'GET http://a/b HTTP/1.1\r\n\r\n', ok: ['GET', 'http://a/b', '', true] },
  { name: 'asterisk', bytes: 'OPTIONS * HTTP/1.1\r\n\r\n', ok: ['OPTIONS', '*', '', true] },
  { name: 'M-SEARCH', bytes: 'M-SEARCH * HTTP/1.1\r\nHOST: a\r\n\r\n', ok: ['M-SEARCH', '*', '', true] },
  {
    name: 'PATCH',
    bytes: 'PATCH /a HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi',
    ok: ['PATCH', '/a', 'hi', true],
  },
  { name: 'QUERY', bytes: 'QUERY /a HTTP/1.1\r\n\r\n', ok: ['QUERY', '/a', '', true] },
  {
    name: 'body of a GET',
    bytes: 'GET / HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi',
    ok: ['GET', '/', 'hi', true],
  },
  { name: 'length zero', bytes: 'POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n', ok: ['POST', '/', '', true] },
  {
    name: 'leading zeros',
    bytes: 'POST / HTTP/1.1\r\nContent-Length: 0002\r\n\r\nhi',
    ok: ['POST', '/', 'hi', true],
  },
  {
    name: 'chunked',
    bytes: 'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n',
    ok: ['POST', '/', 'hi', true],
  },
  {
    name: 'chunked, upper-case hex',
    bytes: `POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nA\r\n0123456789\r\n0\r\n\r\n`,
    ok: ['POST', '/', '0123456789', true],
  },
  {
    name: 'chunk extensions',
    bytes: 'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2;a;b=c;d="e f"\r\nhi\r\n0;g\r\n\r\n',
    ok: ['POST', '/', 'hi', true],
  },
  {
    name: 'trailers',
    bytes: 'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: b\r\nC: d\r\n\r\n',
    ok: ['POST', '/', '', true],
  },
  { name: 'empty lines first', bytes: '\r\n\r\nGET / HTTP/1.1\r\n\r\n', ok: ['GET', '/', '', true] },
  {
    name: 'value with bytes beyond ASCII',
    bytes: 'GET / HTTP/1.1\r\nA: \xff\x80\r\n\r\n',
    ok: ['GET', '/', '', true],
  },
  { name: 'tab in a value', bytes: 'GET / HTTP/1.1\r\nA: b\tc\r\n\r\n', ok: ['GET', '/', '', true] },
  { name: 'odd name', bytes: "GET / HTTP/1.1\r\n!#$%&'*+-.^_`|~0: b\r\n\r\n", ok: ['GET', '/', '', true] },
  {
    name: 'upgrade with a body',
    bytes: 'POST / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: x\r\nContent-Length: 2\r\n\r\nhi',
    ok: ['POST', '/', 'hi', true],
  },
  { name: 'unknown method', bytes: 'FOO / HTTP/1.1\r\n\r\n' },
  { name: 'method cut short', bytes: 'GE / HTTP/1.1\r\n\r\n' },
  { name: 'no target', bytes: 'GET  HTTP/1.1\r\n\r\n' },
  // Read as HTTP/0.9, like the next one as HTTP/2.0: both are refused by their version in request-parser.ts.
  { name: 'no version', bytes: 'GET /\r\n\r\n', ok: ['GET', '/', '', false] },
  { name: 'HTTP/2.0', bytes: 'GET / HTTP/2.0\r\n\r\n', ok: ['GET', '/', '', false] },
  { name: 'HTTP/1.2', bytes: 'GET / HTTP/1.2\r\n\r\n' },
  { name: 'HTTP/11.1', bytes: 'GET / HTTP/11.1\r\n\r\n' },
  { name: 'HTTP/1.01', bytes: 'GET / HTTP/1.01\r\n\r\n' },
  { name: 'another protocol', bytes: 'GET / HTXP/1.1\r\n\r\n' },
  { name: 'ICE', bytes: 'GET / ICE/1.0\r\n\r\n' },
  { name: 'control in the target', bytes: 'GET /\x01 HTTP/1.1\r\n\r\n' },
  { name: 'bare LF', bytes: 'GET / HTTP/1.1\nA: b\n\n' },
  { name: 'bare CR', bytes: 'GET / HTTP/1.1\r\nA: b\rC: d\r\n\r\n' },
  { name: 'CR without LF after the version', bytes: 'GET / HTTP/1.1\rA: b\r\n\r\n' },
  { name: 'CR X at the end', bytes: 'GET / HTTP/1.1\r\nA: b\r\n\rX' },
  { name: 'obs-fold', bytes: 'GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n' },
  {
    name: 'obs-fold in Transfer-Encoding',
    bytes: 'POST / HTTP/1.1\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n',
  },
  { name: 'blank before a colon', bytes: 'GET / HTTP/1.1\r\nA : b\r\n\r\n' },
  { name: 'blank before a name', bytes: 'GET / HTTP/1.1\r\n A: b\r\n\r\n' },
  { name: 'empty name', bytes: 'GET / HTTP/1.1\r\n: b\r\n\r\n' },
  { name: 'NUL in a name', bytes: 'GET / HTTP/1.1\r\nA\0: b\r\n\r\n' },
  { name: 'NUL in a value', bytes: 'GET / HTTP/1.1\r\nA: \0\r\n\r\n' },
  { name: 'DEL in a value', bytes: 'GET / HTTP/1.1\r\nA: \x7f\r\n\r\n' },
  { name: 'two lengths', bytes: 'POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nh' },
  {
    name: 'length and chunked',
    bytes: 'POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
  },
  {
    name: 'chunked and length',
    bytes: 'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n',
  },
  { name: 'length with a minus', bytes: 'POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n' },
  { name: 'length with a blank inside', bytes: 'POST / HTTP/1.1\r\nContent-Length: 4 2\r\n\r\n' },
  {
    name: 'length that overflows',
    bytes: 'POST / HTTP/1.1\r\nContent-Length: 184467440737095516160\r\n\r\n',
  },
  { name: 'chunked is not last', bytes: 'POST / HTTP/1.1\r\nTransfer-Encoding: chunked, deflate\r\n\r\n' },
  { name: 'unknown coding', bytes: 'POST / HTTP/1.1\r\nTransfer-Encoding: deflate\r\n\r\n' },
  {
    name: 'chunked twice',
    bytes: 'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: deflate\r\n\r\n',
  },
  { name: 'chunk size that is none', bytes: 'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nz\r\n' },
  {
    name: 'chunk size that overflows',
    bytes: 'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n',
  },
  {
    name: 'blank after a chunk size',
    bytes: 'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2 \r\nhi\r\n0\r\n\r\n',
  },
  {
    name: 'no CR LF after a chunk',
    bytes: 'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi0\r\n\r\n',
  },
  {
    name: 'LF alone after a chunk size',
    bytes: 'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\nhi\r\n0\r\n\r\n',
  },
  {
    name: 'control in a chunk extension',
    bytes: 'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2;\x01\r\nhi\r\n0\r\n\r\n',
  },
  { name: 'HTTP/2 preface', bytes: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n' },
];

const responses: readonly Case[] = [
  { name: 'simple', bytes: 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok', ok: ['200', 'OK', 'ok', true] },
  { name: 'no reason', bytes: 'HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n', ok: ['200', '', '', true] },
  { name: 'blank reason', bytes: 'HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n', ok: ['200', '', '', true] },
  {
    name: 'long reason',
    bytes: 'HTTP/1.1 404 Not At All Found\r\nContent-Length: 0\r\n\r\n',
    ok: ['404', 'Not At All Found', '', true],
  },
  { name: '204', bytes: 'HTTP/1.1 204 No Content\r\n\r\n', ok: ['204', 'No Content', '', true] },
  {
    name: '304 with a length',
    bytes: 'HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n',
    ok: ['304', 'Not Modified', '', true],
  },
  { name: '100', bytes: 'HTTP/1.1 100 Continue\r\n\r\n', ok: ['100', 'Continue', '', true] },
  {
    name: '101',
    bytes: 'HTTP/1.1 101 S\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n',
    ok: ['101', 'S', '', true],
  },
  {
    name: 'chunked',
    bytes: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
    ok: ['200', 'OK', 'ok', true],
  },
  {
    name: 'HTTP/1.0',
    bytes: 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok',
    ok: ['200', 'OK', 'ok', false],
  },
  {
    name: 'HTTP/1.0 kept',
    bytes: 'HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok',
    ok: ['200', 'OK', 'ok', true],
  },
  {
    name: 'close',
    bytes: 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok',
    ok: ['200', 'OK', 'ok', false],
  },
  {
    name: 'reason beyond ASCII',
    bytes: 'HTTP/1.1 200 \xd6K\r\nContent-Length: 0\r\n\r\n',
    ok: ['200', '\xd6K', '', true],
  },
  { name: 'status of two digits', bytes: 'HTTP/1.1 20 OK\r\n\r\n' },
  { name: 'status of four digits', bytes: 'HTTP/1.1 2000 OK\r\n\r\n' },
  { name: 'status that is no number', bytes: 'HTTP/1.1 2x0 OK\r\n\r\n' },
  { name: 'no blank after the version', bytes: 'HTTP/1.1200 OK\r\n\r\n' },
  { name: 'unknown version', bytes: 'HTTP/3.0 200 OK\r\n\r\n' },
  { name: 'bare LF', bytes: 'HTTP/1.1 200 OK\nContent-Length: 0\n\n' },
  { name: 'bare CR in the reason', bytes: 'HTTP/1.1 200 O\rK\r\nContent-Length: 0\r\n\r\n' },
  { name: 'NUL in a value', bytes: 'HTTP/1.1 200 OK\r\nA: \0\r\n\r\n' },
  { name: 'obs-fold', bytes: 'HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n' },
  { name: 'blank before a colon', bytes: 'HTTP/1.1 200 OK\r\nA : b\r\n\r\n' },
  { name: 'two lengths', bytes: 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\no' },
  {
    name: 'length and chunked',
    bytes: 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
  },
];

function read(kind: MessageKind, bytes: Buffer, step: number): Case['ok'] {
  const parser = new Parser(kind);
  try {
    let body = '';
    for (let at = 0; at < bytes.length && !parser.messageComplete; at += step) {
      const chunk = bytes.subarray(at, at + step);
      parser.parse(chunk, 0);
      if (parser.error !== 0) {
        expect(parser.reason()).not.toBe('');
        return undefined;
      }
      body += parser.takeBody(chunk)?.toString('latin1') ?? '';
    }
    if (!parser.messageComplete) return undefined;
    const start = kind === 'request' ? parser.method() : String(parser.status);
    return [start, parser.text.slice(parser.targetStart, parser.targetEnd), body, parser.keepAlive];
  } finally {
    parser.dispose();
  }
}

test.each(requests)('request: $name', ({ bytes, ok }) => {
  for (const step of [bytes.length, 1, 3, 7])
    expect(read('request', Buffer.from(bytes, 'latin1'), step)).toEqual(ok);
});

test.each(responses)('response: $name', ({ bytes, ok }) => {
  for (const step of [bytes.length, 1, 3, 7])
    expect(read('response', Buffer.from(bytes, 'latin1'), step)).toEqual(ok);
});

test('a body without a length ends with the connection, one with a length does not', () => {
  const open = new Parser('response');
  open.parse(Buffer.from('HTTP/1.1 200 OK\r\n\r\nsome'), 0);
  expect(open.messageComplete).toBe(false);
  expect(open.finish()).toBe(true);
  const cut = new Parser('response');
  cut.parse(Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nsome'), 0);
  expect(cut.finish()).toBe(false);
  for (const parser of [open, cut]) parser.dispose();
});

test('a parser that is reset, or was another connection’s, remembers nothing', () => {
  const parser = new Parser('request');
  parser.parse(
    Buffer.from('POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n5\r\nhe'),
    0,
  );
  parser.reset();
  const next = Buffer.from('GET /b HTTP/1.1\r\nA: b\r\n\r\n');
  expect(parser.parse(next, 0)).toBe(next.length);
  expect([parser.method(), parser.fieldCount, parser.keepAlive, parser.bodyBytes]).toEqual([
    'GET',
    1,
    true,
    0,
  ]);
  parser.dispose();
  parser.dispose();
  const again = new Parser('request');
  expect(again.text).toBe('');
  again.parse(next, 0);
  expect(again.messageComplete).toBe(true);
  again.dispose();
});

test('parsing stops at the end of a message and goes on where it stopped', () => {
  const parser = new Parser('request');
  const bytes = Buffer.from('GET /a HTTP/1.1\r\n\r\nPOST /b HTTP/1.1\r\nContent-Length: 2\r\n\r\nhiGET /c');
  const first = parser.parse(bytes, 0);
  expect(bytes.toString('latin1', first)).toMatch(/^POST/);
  parser.reset();
  const second = parser.parse(bytes, first);
  expect(parser.takeBody(bytes)?.toString()).toBe('hi');
  expect(bytes.toString('latin1', second)).toBe('GET /c');
  parser.dispose();
});
