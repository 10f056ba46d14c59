import { expect, test } from '@jest/globals';
import { createDataPlane } from '#proxy/http/plane.ts';
import { startUpstream } from '#test/support/raw-http/recording-upstream.ts';
import { testLimits, testUpstream, withProxy } from '#test/support/raw-http/with-proxy.ts';

test('nothing in a request can choose where it goes', async () => {
  const other = await startUpstream();
  try {
    await withProxy({}, async (proxy) => {
      const place = `127.0.0.1:${other.port}`;
      await proxy.ask(`GET http://${place}/a HTTP/1.1\r\nHost: ${place}\r\n\r\n`);
      await proxy.ask(
        `GET /a HTTP/1.1\r\nHost: ${place}\r\nX-Forwarded-Host: ${place}\r\nX-Original-URL: http://${place}\r\n\r\n`,
      );
      expect(other.connections).toHaveLength(0);
      expect(proxy.upstream.requests).toHaveLength(2);
    });
  } finally {
    await other.close();
  }
});

test.each(['__proto__', 'constructor', 'toString', 'elsewhere'])(
  'a decision for an upstream that is not configured is a 500: %s',
  async (upstream) => {
    const decide = () => ({ upstream, route: 'all', reason: 'test' });
    await withProxy({ plane: { decide } }, async (proxy) => {
      const response = await proxy.ask('GET /a HTTP/1.1\r\nHost: a.example\r\n\r\n');
      expect(response.status).toBe(500);
      expect(JSON.parse(response.body)).toMatchObject({ code: 'decision-failed' });
    });
  },
);

test.each(['localhost:80', 'ftp://a', 'http://a/path', 'http://a?x', '', 'unix:/tmp/x'])(
  'an upstream address that is none stops the start: %j',
  async (url) => {
    const options = {
      host: '127.0.0.1',
      port: 0,
      upstreams: { main: { ...testUpstream, url } },
      trustedProxies: [],
      limits: testLimits,
      decide: () => ({ upstream: 'main', route: 'all', reason: 'test' }),
      onExchange: () => {},
    };
    await expect(createDataPlane(options)).rejects.toThrow(`"${url}" is no upstream address`);
  },
);
