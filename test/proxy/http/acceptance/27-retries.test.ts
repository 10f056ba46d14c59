import { expect, test } from '@jest/globals';
import type { RecordedConnection, Script } from '#test/support/raw-http/recording-upstream.ts';
import { withProxy, type ProxyUnderTest } from '#test/support/raw-http/with-proxy.ts';

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

/** Answers the first request of each connection, and closes it without a byte when a second one comes. */
const closeOnSecond: Script = (request, connection) => {
  if (connection.requests.length === 1) return request.method === 'HEAD' ? ok.slice(0, -2) : ok;
  return () => connection.socket.destroy();
};

async function twice(proxy: ProxyUnderTest, second: string): Promise<number> {
  expect((await proxy.ask('GET /first HTTP/1.1\r\nHost: a.example\r\n\r\n')).body).toBe('ok');
  return (await proxy.ask(second)).status;
}

test.each(['GET', 'HEAD', 'OPTIONS'])(
  'a %s whose kept connection was closing is sent once more',
  async (method) => {
    await withProxy({ script: closeOnSecond }, async (proxy) => {
      expect(await twice(proxy, `${method} /again HTTP/1.1\r\nHost: a.example\r\n\r\n`)).toBe(200);
      expect(proxy.upstream.requests.filter(({ target }) => target === '/again')).toHaveLength(2);
      expect(proxy.upstream.connections).toHaveLength(2);
    });
  },
);

test.each(['POST', 'PUT', 'PATCH', 'DELETE'])(
  'a %s that may have been done is never sent twice',
  async (method) => {
    await withProxy({ script: closeOnSecond }, async (proxy) => {
      const status = await twice(
        proxy,
        `${method} /once HTTP/1.1\r\nHost: a.example\r\nContent-Length: 2\r\n\r\nhi`,
      );
      expect(status).toBe(502);
      expect(proxy.upstream.requests.filter(({ target }) => target === '/once')).toHaveLength(1);
    });
  },
);

test('on a new connection nothing is tried again', async () => {
  const script = () => (connection: RecordedConnection) => connection.socket.destroy();
  await withProxy({ script }, async (proxy) => {
    expect((await proxy.ask('GET /a HTTP/1.1\r\nHost: a.example\r\n\r\n')).status).toBe(502);
    expect(proxy.upstream.requests).toHaveLength(1);
  });
});

test('after the first byte of an answer nothing is tried again', async () => {
  const script: Script = (_request, connection) => {
    if (connection.requests.length === 1) return ok;
    return () => connection.socket.end('H');
  };
  await withProxy({ script }, async (proxy) => {
    expect(await twice(proxy, 'GET /once HTTP/1.1\r\nHost: a.example\r\n\r\n')).toBe(502);
    expect(proxy.upstream.requests.filter(({ target }) => target === '/once')).toHaveLength(1);
  });
});

test.each([500, 502, 503, 504, 429])(
  'a %i is an answer, with its Retry-After, and not a reason to ask again',
  async (status) => {
    const script = () => `HTTP/1.1 ${status} No\r\nRetry-After: 120\r\nContent-Length: 0\r\n\r\n`;
    await withProxy({ script }, async (proxy) => {
      const response = await proxy.ask('GET /a HTTP/1.1\r\nHost: a.example\r\n\r\n');
      expect(response.status).toBe(status);
      expect(response.all('retry-after')).toEqual(['120']);
      expect(proxy.upstream.requests).toHaveLength(1);
    });
  },
);

test('retries of all requests together stay within their budget', async () => {
  await withProxy({ script: closeOnSecond, upstreamOptions: { maxConnections: 100 } }, async (proxy) => {
    const client = await proxy.connect();
    let failed = 0;
    const total = 120;
    for (let i = 0; i < total; i += 1) {
      client.send('GET /a HTTP/1.1\r\nHost: a.example\r\n\r\n');
      if ((await client.response()).status === 502) failed += 1;
    }
    const retried = proxy.upstream.requests.length - total;
    // Ten at once, and a tenth of the requests beyond that.
    expect(retried).toBeLessThanOrEqual(10 + total * 0.1);
    expect(retried).toBeGreaterThan(10);
    expect(failed).toBeGreaterThan(0);
  });
});

test('a share of 0 means no retries', async () => {
  await withProxy({ script: closeOnSecond, plane: { retryShare: 0 } }, async (proxy) => {
    expect(await twice(proxy, 'GET /once HTTP/1.1\r\nHost: a.example\r\n\r\n')).toBe(502);
  });
});
