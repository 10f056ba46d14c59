import { expect, test } from '@jest/globals';
import { withProxy } from '#test/support/raw-http/with-proxy.ts';

test('repeated headers keep order, number and spelling both ways', async () => {
  const answer =
    'HTTP/1.1 200 OK\r\nSet-Cookie: a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT\r\nX-A: 1\r\nset-cookie: b=2\r\n' +
    'X-A:2\r\nSET-COOKIE:   c=3  \r\nVary: a\r\nEmpty:\r\nVary: b\r\nContent-Length: 0\r\nWWW-Authenticate: Basic\r\n\r\n';
  await withProxy({ script: () => answer }, async (proxy) => {
    const response = await proxy.ask(
      'GET /a HTTP/1.1\r\nX-A: 1\r\nCookie: a=1\r\nHost: a.example\r\nx-a:2\r\nCookie: b=2\r\nEmpty: \r\nX-A:  3, 4 \r\n\r\n',
    );
    expect(proxy.upstream.requests[0]?.headers.slice(0, 7)).toEqual([
      ['X-A', '1'],
      ['Cookie', 'a=1'],
      ['Host', 'a.example'],
      ['x-a', '2'],
      ['Cookie', 'b=2'],
      ['Empty', ''],
      ['X-A', '3, 4'],
    ]);
    expect(response.headers).toEqual([
      ['Set-Cookie', 'a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT'],
      ['X-A', '1'],
      ['set-cookie', 'b=2'],
      ['X-A', '2'],
      ['SET-COOKIE', 'c=3'],
      ['Vary', 'a'],
      ['Empty', ''],
      ['Vary', 'b'],
      ['WWW-Authenticate', 'Basic'],
      ['content-length', '0'],
    ]);
  });
});

test('bytes beyond ASCII in values come through as they are', async () => {
  const answer = 'HTTP/1.1 200 Gr\xfc\xdfe\r\nX-A: \xe4\xf6\xfc\r\nContent-Length: 2\r\n\r\n\xc3\xa4';
  await withProxy({ script: () => answer }, async (proxy) => {
    const response = await proxy.ask('GET /a HTTP/1.1\r\nHost: a.example\r\nX-B: \xc3\xa4\x80\xff\r\n\r\n');
    expect(proxy.upstream.requests[0]?.all('x-b')).toEqual(['\xc3\xa4\x80\xff']);
    expect(response.startLine).toBe('HTTP/1.1 200 Gr\xfc\xdfe');
    expect(response.all('x-a')).toEqual(['\xe4\xf6\xfc']);
    expect(response.body).toBe('\xc3\xa4');
  });
});
