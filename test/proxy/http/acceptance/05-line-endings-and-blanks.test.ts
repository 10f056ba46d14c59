import { test } from '@jest/globals';
import { expectForwarded, expectRefused } from '#test/support/raw-http/oracle.ts';

const start = 'GET /a HTTP/1.1\r\nHost: a.example\r\n';

test.each([
  { name: 'obs-fold', bytes: `${start}A: b\r\n c\r\n\r\n` },
  { name: 'obs-fold with a tab', bytes: `${start}A: b\r\n\tc\r\n\r\n` },
  { name: 'bare CR in a value', bytes: `${start}A: b\rc\r\n\r\n` },
  { name: 'bare CR before a header', bytes: `${start}A: b\r\n\rB: c\r\n\r\n` },
  { name: 'bare LF in a value', bytes: `${start}A: b\nB: c\r\n\r\n` },
  { name: 'bare LF after the request line', bytes: 'GET /a HTTP/1.1\nHost: a.example\r\n\r\n' },
  { name: 'bare LF at the end of the head', bytes: `${start}A: b\r\n\nGET /smuggled HTTP/1.1\r\n\r\n` },
  { name: 'CR LF CR X at the end of the head (CVE-2025-23167)', bytes: `${start}A: b\r\n\rX\r\n\r\n` },
  { name: 'NUL in a value', bytes: `${start}A: b\0c\r\n\r\n` },
  { name: 'NUL in a name', bytes: `${start}A\0: b\r\n\r\n` },
  { name: 'control character in a value', bytes: `${start}A: b\x01c\r\n\r\n` },
  { name: 'DEL in a value', bytes: `${start}A: b\x7fc\r\n\r\n` },
  { name: 'blank before the colon', bytes: `${start}A : b\r\n\r\n` },
  { name: 'tab before the colon', bytes: `${start}A\t: b\r\n\r\n` },
  { name: 'blank before the name', bytes: `GET /a HTTP/1.1\r\n Host: a.example\r\n\r\n` },
  { name: 'no name', bytes: `${start}: b\r\n\r\n` },
  { name: 'no colon', bytes: `${start}Ab\r\n\r\n` },
  { name: 'name that is no token', bytes: `${start}A(b): c\r\n\r\n` },
  { name: 'name beyond ASCII', bytes: `${start}A\xe9: c\r\n\r\n` },
  { name: 'tab in the request line', bytes: 'GET\t/a HTTP/1.1\r\nHost: a.example\r\n\r\n' },
  { name: 'no version', bytes: 'GET /a\r\nHost: a.example\r\n\r\n' },
  { name: 'version 2.0', bytes: 'GET /a HTTP/2.0\r\nHost: a.example\r\n\r\n' },
  { name: 'version 1.2', bytes: 'GET /a HTTP/1.2\r\nHost: a.example\r\n\r\n' },
  { name: 'version 0.9', bytes: 'GET /a HTTP/0.9\r\nHost: a.example\r\n\r\n' },
  { name: 'lower-case version', bytes: 'GET /a http/1.1\r\nHost: a.example\r\n\r\n' },
  { name: 'unknown method', bytes: 'GOT /a HTTP/1.1\r\nHost: a.example\r\n\r\n' },
  { name: 'lower-case method', bytes: 'get /a HTTP/1.1\r\nHost: a.example\r\n\r\n' },
  { name: 'HTTP/2 preface', bytes: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n' },
  { name: 'TLS', bytes: '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03' },
])('what is not exact HTTP/1.1 is refused: $name', async (payload) => {
  await expectRefused(payload, 400);
});

test('empty lines before a request are skipped (RFC 9112, 2.2)', async () => {
  await expectForwarded({ name: 'empty', bytes: `\r\n\r\n${start}\r\n` }, { method: 'GET', target: '/a' });
});
