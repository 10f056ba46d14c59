import { expect, test } from '@jest/globals';
import { createDataPlane } from '#proxy/http/plane.ts';
import { testLimits, testUpstream, withProxy } from '#test/support/raw-http/with-proxy.ts';

const spoofed =
  'GET /a HTTP/1.1\r\nHost: a.example\r\nX-Forwarded-For: 1.2.3.4\r\nX-Forwarded-For: 5.6.7.8\r\n' +
  'X-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Port: 443\r\nX-Forwarded-Prefix: /p\r\n' +
  'X-Real-IP: 1.2.3.4\r\nForwarded: for=1.2.3.4\r\nX-Request-Id: chosen-by-client\r\n\r\n';

test('what a client claims about itself is overwritten', async () => {
  await withProxy({}, async (proxy) => {
    await proxy.ask(spoofed);
    const [request] = proxy.upstream.requests;
    expect(request?.all('x-forwarded-for')).toEqual(['127.0.0.1']);
    expect(request?.all('x-forwarded-host')).toEqual(['a.example']);
    expect(request?.all('x-forwarded-proto')).toEqual(['http']);
    for (const name of ['x-forwarded-port', 'x-forwarded-prefix', 'x-real-ip', 'forwarded']) {
      expect(request?.all(name)).toEqual([]);
    }
    expect(request?.all('x-request-id')).not.toEqual(['chosen-by-client']);
    expect(request?.all('x-request-id')[0]).toBe(proxy.reports[0]?.head.id);
  });
});

test('a trusted peer is believed, and its address is added', async () => {
  await withProxy({ plane: { trustedProxies: ['10.0.0.0/8', '127.0.0.0/8'] } }, async (proxy) => {
    await proxy.ask(spoofed);
    const [request] = proxy.upstream.requests;
    expect(request?.all('x-forwarded-for')).toEqual(['1.2.3.4, 5.6.7.8, 127.0.0.1']);
    expect(request?.all('x-forwarded-host')).toEqual(['evil.example']);
    expect(request?.all('x-forwarded-proto')).toEqual(['https']);
    expect(request?.all('x-forwarded-port')).toEqual(['443']);
    expect(request?.all('x-forwarded-prefix')).toEqual(['/p']);
    expect(request?.all('forwarded')).toEqual(['for=1.2.3.4, for=127.0.0.1']);
    expect(request?.all('x-request-id')).toEqual(['chosen-by-client']);
    expect(proxy.reports[0]?.head).toMatchObject({
      peer: '127.0.0.1',
      trusted: true,
      id: 'chosen-by-client',
    });
  });
});

test('an id that could do harm in a log is not taken, even from a trusted peer', async () => {
  await withProxy({ plane: { trustedProxies: ['127.0.0.1'] } }, async (proxy) => {
    await proxy.ask(`GET /a HTTP/1.1\r\nHost: a.example\r\nX-Request-Id: ${'x'.repeat(200)}\r\n\r\n`);
    await proxy.ask('GET /a HTTP/1.1\r\nHost: a.example\r\nX-Request-Id: {"a":1}\r\n\r\n');
    for (const request of proxy.upstream.requests) {
      expect(request.all('x-request-id')[0]).toMatch(/^[0-9a-f]{12}-[0-9a-z]+$/);
    }
  });
});

test.each(['10.0.0.0/33', 'localhost', '10.0.0.0/x', '::/129', '10.0.0.0/-1'])(
  'a trusted range that is none stops the start: %s',
  async (range) => {
    const options = {
      host: '127.0.0.1',
      port: 0,
      upstreams: { main: { ...testUpstream, url: 'http://127.0.0.1:1' } },
      trustedProxies: [range],
      limits: testLimits,
      decide: () => ({ upstream: 'main', route: 'all', reason: 'test' }),
      onExchange: () => {},
    };
    await expect(createDataPlane(options)).rejects.toThrow(`"${range}" is no CIDR range`);
  },
);

test('trace context goes through untouched', async () => {
  await withProxy({}, async (proxy) => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    await proxy.ask(
      `GET /a HTTP/1.1\r\nHost: a.example\r\ntraceparent: ${traceparent}\r\ntracestate: a=1\r\n\r\n`,
    );
    expect(proxy.upstream.requests[0]?.all('traceparent')).toEqual([traceparent]);
    expect(proxy.upstream.requests[0]?.all('tracestate')).toEqual(['a=1']);
  });
});
