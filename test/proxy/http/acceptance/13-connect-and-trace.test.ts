import { test } from '@jest/globals';
import { expectRefused } from '#test/support/raw-http/oracle.ts';

test.each([
  {
    name: 'CONNECT',
    bytes: 'CONNECT b.example:443 HTTP/1.1\r\nHost: b.example:443\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n',
  },
  { name: 'CONNECT with a path', bytes: 'CONNECT /a HTTP/1.1\r\nHost: a.example\r\n\r\n' },
  { name: 'TRACE', bytes: 'TRACE /a HTTP/1.1\r\nHost: a.example\r\nCookie: secret\r\n\r\n' },
  { name: 'TRACE with a body', bytes: 'TRACE /a HTTP/1.1\r\nHost: a.example\r\nContent-Length: 2\r\n\r\nab' },
])('$name is refused', async (payload) => {
  await expectRefused(payload, [405, 501]);
});

test.each([
  'CONNECT a.example HTTP/1.1\r\nHost: a.example\r\n\r\n',
  'CONNECT a.example:x HTTP/1.1\r\nHost: a.example\r\n\r\n',
])('CONNECT with a broken authority is refused too', async (bytes) => {
  await expectRefused({ name: 'CONNECT', bytes }, [400, 405, 501]);
});
