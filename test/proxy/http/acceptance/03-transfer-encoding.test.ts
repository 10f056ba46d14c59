import { test } from '@jest/globals';
import { expectForwarded, expectRefused } from '#test/support/raw-http/oracle.ts';

const chunks = '5\r\nhello\r\n0\r\n\r\n';
const withCoding = (lines: string, version = '1.1', body = chunks): string => {
  return `POST /a HTTP/${version}\r\nHost: a.example\r\n${lines}\r\n\r\n${body}`;
};

test.each([
  { name: 'xchunked', bytes: withCoding('Transfer-Encoding: xchunked') },
  { name: 'chunkedx', bytes: withCoding('Transfer-Encoding: chunkedx') },
  { name: 'identity', bytes: withCoding('Transfer-Encoding: identity') },
  { name: 'empty', bytes: withCoding('Transfer-Encoding:') },
  { name: 'gzip before chunked', bytes: withCoding('Transfer-Encoding: gzip, chunked') },
  { name: 'chunked before gzip', bytes: withCoding('Transfer-Encoding: chunked, gzip') },
  { name: 'chunked, chunked', bytes: withCoding('Transfer-Encoding: chunked, chunked') },
  { name: 'two headers', bytes: withCoding('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked') },
  {
    name: 'two headers, one unknown',
    bytes: withCoding('Transfer-Encoding: chunked\r\nTransfer-Encoding: x'),
  },
  { name: 'folded', bytes: withCoding('Transfer-Encoding:\r\n chunked') },
  { name: 'quoted', bytes: withCoding('Transfer-Encoding: "chunked"') },
  { name: 'with a parameter', bytes: withCoding('Transfer-Encoding: chunked;q=1') },
  { name: 'vertical tab', bytes: withCoding('Transfer-Encoding: \x0bchunked') },
  { name: 'HTTP/1.0', bytes: withCoding('Transfer-Encoding: chunked', '1.0') },
  { name: 'blank before the colon', bytes: withCoding('Transfer-Encoding : chunked') },
  { name: 'alias with an underscore', bytes: withCoding('Transfer_Encoding: chunked') },
])('a transfer coding that another server may not see is refused: $name', async (payload) => {
  await expectRefused(payload, 400);
});

const broken = (body: string): string => withCoding('Transfer-Encoding: chunked', '1.1', body);

test.each([
  { name: 'size with a sign', bytes: broken('+5\r\nhello\r\n0\r\n\r\n') },
  { name: 'size with 0x', bytes: broken('0x5\r\nhello\r\n0\r\n\r\n') },
  { name: 'size beyond 64 bits', bytes: broken('fffffffffffffffff\r\nhello\r\n0\r\n\r\n') },
  { name: 'no size', bytes: broken('\r\nhello\r\n0\r\n\r\n') },
  { name: 'bare LF after the size', bytes: broken('5\nhello\r\n0\r\n\r\n') },
  { name: 'bare CR after the size', bytes: broken('5\rhello\r\n0\r\n\r\n') },
  { name: 'blank after the size', bytes: broken('5 \r\nhello\r\n0\r\n\r\n') },
  { name: 'bare LF in an extension', bytes: broken('5;a\nhello\r\n0\r\n\r\n') },
  { name: 'bare LF after the content', bytes: broken('5\r\nhello\n0\r\n\r\n') },
  { name: 'content longer than its size', bytes: broken('4\r\nhello\r\n0\r\n\r\n') },
  { name: 'bare LF at the end', bytes: broken('5\r\nhello\r\n0\n\n') },
])(
  'chunks that are not exact are refused, and no part of them passes as a request: $name',
  async (payload) => {
    await expectRefused(payload, 400);
  },
);

test('the name of the coding is case-insensitive', async () => {
  const bytes = withCoding('transfer-encoding: Chunked');
  await expectForwarded(
    { name: 'case', bytes },
    { method: 'POST', target: '/a', body: 'hello', chunked: true },
  );
});

test('chunk extensions are dropped', async () => {
  const bytes = broken('5;name=value;other="quoted"\r\nhello\r\n0;last\r\n\r\n');
  await expectForwarded(
    { name: 'extensions', bytes },
    { method: 'POST', target: '/a', body: 'hello', chunked: true },
  );
});
