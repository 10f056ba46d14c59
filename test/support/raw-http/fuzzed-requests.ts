import { array, constantFrom, double, integer, oneof, record, tuple } from 'fast-check';

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
/** One to three requests of good and bad pieces, perhaps with one mutation, and where to split their bytes. */
export const fuzzedRequests = tuple(
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
