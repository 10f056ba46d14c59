import { expect, test } from '@jest/globals';
import type { Decision } from '#proxy/http/seam.ts';
import { withProxy } from '#test/support/raw-http/with-proxy.ts';

const request = 'GET /a HTTP/1.1\r\nHost: a.example\r\nX-Side: from-client\r\nX-Keep: 1\r\n\r\n';
const base: Decision = { upstream: 'main', route: 'all', reason: 'test' };

test('a decision may set headers both ways; its own replace those of the client', async () => {
  const decide = (): Decision => ({
    ...base,
    requestHeaders: [
      ['x-side', 'service'],
      ['x-epoch', '43'],
    ],
    responseHeaders: [['set-cookie', 'v=1']],
  });
  await withProxy({ plane: { decide } }, async (proxy) => {
    const response = await proxy.ask(request);
    expect(proxy.upstream.requests[0]?.all('x-side')).toEqual(['service']);
    expect(proxy.upstream.requests[0]?.all('x-epoch')).toEqual(['43']);
    expect(proxy.upstream.requests[0]?.all('x-keep')).toEqual(['1']);
    expect(response.all('set-cookie')).toEqual(['v=1']);
  });
});

const bad: [string, string][] = [
  ['x-side', 'a\r\nX-Injected: 1'],
  ['x-side', 'a\nX-Injected: 1'],
  ['x-side', 'a\rb'],
  ['x-side', 'a\0b'],
  ['x-side', 'a\u010ab'],
  ['x-side', '\u{1f600}'],
  ['x side', 'a'],
  ['x-side:', 'a'],
  ['', 'a'],
  ['x\r\ny', 'a'],
  ['Content-Length', '3'],
  ['transfer-encoding', 'chunked'],
  ['Connection', 'close'],
  ['Host', 'b.example'],
];

test.each(bad)('no decision can write another line into a request: %j: %j', async (name, value) => {
  const decide = (): Decision => ({ ...base, requestHeaders: [[name, value]] });
  await withProxy({ plane: { decide } }, async (proxy) => {
    expect((await proxy.ask(request)).status).toBe(500);
    expect(proxy.upstream.bytes()).toBe('');
  });
});

test.each(bad)('nor into a response: %j: %j', async (name, value) => {
  const decide = (): Decision => ({ ...base, responseHeaders: [[name, value]] });
  await withProxy({ plane: { decide } }, async (proxy) => {
    const response = await proxy.ask(request);
    expect(response.status).toBe(500);
    expect(response.all('x-injected')).toEqual([]);
  });
});

test('a refusal says its sentence in JSON, whatever it holds', async () => {
  const detail = 'No "route"\r\nX-Injected: 1\u2028\u{1f600}\0';
  const decide = () => ({ refuse: 'no-route', detail }) as const;
  await withProxy({ plane: { decide } }, async (proxy) => {
    const response = await proxy.ask(request);
    expect(response.status).toBe(404);
    expect(response.headers.map(([name]) => name)).not.toContain('X-Injected');
    expect(JSON.parse(Buffer.from(response.body, 'latin1').toString('utf8'))).toMatchObject({
      detail,
      status: 404,
    });
  });
});

test('what a request says is not echoed in our own answers', async () => {
  await withProxy({}, async (proxy) => {
    const response = await proxy.ask('GET /<script>/../x HTTP/1.1\r\nHost: a.example\r\n\r\n');
    expect(response.status).toBe(400);
    expect(response.body).not.toContain('script');
    expect(response.all('content-type')).toEqual(['application/problem+json']);
  });
});

test('a decision that throws or rejects is a 500, not a crash', async () => {
  for (const decide of [
    () => {
      throw new Error('secret reason');
    },
    async () => await Promise.reject(new Error('secret reason')),
  ]) {
    await withProxy({ plane: { decide } }, async (proxy) => {
      const response = await proxy.ask(request);
      expect(response.status).toBe(500);
      expect(response.body).not.toContain('secret');
    });
  }
});
