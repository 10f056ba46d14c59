import { expect, test } from '@jest/globals';
import { withProxy } from '#test/support/raw-http/with-proxy.ts';

test('trailers of a request are dropped together with Trailer, and never become headers', async () => {
  const seen: (string | undefined)[] = [];
  const onExchange = (report: { head: { header(name: string): string | undefined } }) => {
    seen.push(report.head.header('authorization'), report.head.header('x-sum'));
  };
  await withProxy({ plane: { onExchange } }, async (proxy) => {
    const response = await proxy.ask(
      'POST /a HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\nTE: trailers\r\n\r\n' +
        '5\r\nhello\r\n0\r\nX-Sum: 1\r\nAuthorization: admin\r\nHost: b.example\r\n\r\n',
    );
    expect(response.body).toBe('POST /a hello');
    expect(proxy.upstream.bytes().toLowerCase()).not.toMatch(/x-sum|admin|trailer|b\.example|content-length/);
    expect(proxy.upstream.connections[0]?.error).toBeUndefined();
    expect(seen).toEqual([undefined, undefined]);
  });
});

test('trailers of a response are dropped together with Trailer', async () => {
  const answer =
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 1\r\nSet-Cookie: a=b\r\n\r\n';
  await withProxy({ script: () => answer, upstreamOptions: { maxConnections: 1 } }, async (proxy) => {
    for (let i = 0; i < 2; i += 1) {
      const response = await proxy.ask('GET /a HTTP/1.1\r\nHost: a.example\r\n\r\n');
      expect(response.body).toBe('ok');
      expect(response.headers).toEqual([['transfer-encoding', 'chunked']]);
    }
    expect(proxy.upstream.connections).toHaveLength(1);
  });
});

test.each([100, 102, 103, 199])('an interim %i is stripped and its headers with it', async (status) => {
  const answer = `HTTP/1.1 ${status} Wait\r\nLink: </a.css>\r\nSet-Cookie: early=1\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\nA: b\r\n\r\nok`;
  await withProxy({ script: () => answer }, async (proxy) => {
    const response = await proxy.ask('GET /a HTTP/1.1\r\nHost: a.example\r\n\r\n');
    expect(response.status).toBe(200);
    expect(response.headers).toEqual([
      ['A', 'b'],
      ['content-length', '2'],
    ]);
  });
});

test('interim answers without an end run into the header time-out', async () => {
  const timers: NodeJS.Timeout[] = [];
  const script = () => (connection: { socket: { writable: boolean; write(text: string): void } }) => {
    timers.push(setInterval(() => connection.socket.write('HTTP/1.1 102 Processing\r\n\r\n'), 10));
  };
  await withProxy({ script, upstreamOptions: { headerTimeoutMs: 150 } }, async (proxy) => {
    const response = await proxy.ask('GET /a HTTP/1.1\r\nHost: a.example\r\n\r\n');
    for (const timer of timers) clearInterval(timer);
    expect(response.status).toBe(504);
  });
});
