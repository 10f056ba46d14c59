import { test } from '@jest/globals';
import { expectRefused } from '#test/support/raw-http/oracle.ts';

const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: a.example\r\n\r\n';

test.each([
  {
    name: 'Content-Length before Transfer-Encoding',
    bytes: `POST /a HTTP/1.1\r\nHost: a.example\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
  },
  {
    name: 'Transfer-Encoding before Content-Length',
    bytes: `POST /a HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n${smuggled}`,
  },
  {
    name: 'Content-Length: 0 with a chunked body',
    bytes: `POST /a HTTP/1.1\r\nHost: a.example\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
  },
  {
    name: 'both on a GET',
    bytes: `GET /a HTTP/1.1\r\nHost: a.example\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nX`,
  },
])('a request with two framings is refused: $name', async (payload) => {
  await expectRefused(payload, 400);
});
