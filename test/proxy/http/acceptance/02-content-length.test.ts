import { test } from '@jest/globals';
import { expectForwarded, expectRefused } from '#test/support/raw-http/oracle.ts';

const withLength = (lines: string): string => `POST /a HTTP/1.1\r\nHost: a.example\r\n${lines}\r\n\r\nhello`;

test.each([
  { name: 'twice, different', bytes: withLength('Content-Length: 5\r\nContent-Length: 6') },
  { name: 'twice, the same', bytes: withLength('Content-Length: 5\r\nContent-Length: 5') },
  { name: 'a list', bytes: withLength('Content-Length: 5, 5') },
  { name: 'plus sign', bytes: withLength('Content-Length: +5') },
  { name: 'minus sign', bytes: withLength('Content-Length: -5') },
  { name: 'empty', bytes: withLength('Content-Length:') },
  { name: 'blank', bytes: withLength('Content-Length:   ') },
  { name: 'hexadecimal', bytes: withLength('Content-Length: 0x5') },
  { name: 'fraction', bytes: withLength('Content-Length: 5.0') },
  { name: 'inner blank', bytes: withLength('Content-Length: 5 5') },
  { name: 'text after it', bytes: withLength('Content-Length: 5abc') },
  { name: 'beyond 64 bits', bytes: withLength('Content-Length: 18446744073709551621') },
  { name: 'beyond exact numbers', bytes: withLength('Content-Length: 9007199254740993') },
])('a Content-Length that can be read in two ways is refused: $name', async (payload) => {
  await expectRefused(payload, 400);
});

test('more than the largest body is refused before it is read', async () => {
  await expectRefused({ name: 'large', bytes: withLength('Content-Length: 10000001') }, 413);
});

test('blanks around a length are no part of it', async () => {
  const bytes = withLength('Content-Length:   5  ');
  await expectForwarded({ name: 'blanks', bytes }, { method: 'POST', target: '/a', body: 'hello' });
});
