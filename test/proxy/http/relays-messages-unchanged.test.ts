import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { request } from 'undici';
import { startPlane, type TestPlane } from '#test/support/data-plane.ts';
import { startUpstream, type Answer, type Upstream } from '#test/support/upstream.ts';

let upstream: Upstream;
let proxy: TestPlane;
let answer: Answer;

beforeAll(async () => {
  upstream = await startUpstream('one', (received, response) => answer(received, response));
  proxy = await startPlane({ upstreams: { one: upstream.url } });
});
afterEach(() => {
  upstream.received.length = 0;
});
afterAll(async () => {
  await proxy.stop();
  await upstream.close();
});

test('method, target, headers and body arrive as sent', async () => {
  answer = (_received, response) => response.writeHead(201, { 'x-answer': 'yes' }).end('made');
  const response = await request(`${proxy.url}/a%20b/c?x=1&x=2`, {
    method: 'POST',
    headers: { 'content-type': 'text/plain', 'x-two': ['a', 'b'] },
    body: 'hello',
  });
  expect(response.statusCode).toBe(201);
  expect(response.headers['x-answer']).toBe('yes');
  expect(await response.body.text()).toBe('made');
  expect(upstream.received[0]).toMatchObject({ method: 'POST', url: '/a%20b/c?x=1&x=2', body: 'hello' });
  expect(upstream.received[0]?.rawHeaders.filter((_part, at, all) => all[at - 1] === 'x-two')).toEqual([
    'a',
    'b',
  ]);
});

test('several Set-Cookie headers stay several, in order', async () => {
  answer = (_received, response) => response.writeHead(200, { 'set-cookie': ['a=1', 'b=2, c'] }).end();
  const response = await request(proxy.url);
  expect(response.headers['set-cookie']).toEqual(['a=1', 'b=2, c']);
  await response.body.dump();
});

test.each(['GET', 'DELETE', 'OPTIONS'] as const)('a chunked body on %s keeps its framing', async (method) => {
  answer = (_received, response) => response.end();
  async function* body(): AsyncGenerator<string> {
    yield 'one';
    yield 'two';
  }
  const response = await fetch(proxy.url, {
    method: method === 'GET' ? 'PUT' : method,
    body: body() as unknown as ReadableStream,
    duplex: 'half',
  });
  expect(response.status).toBe(200);
  await response.arrayBuffer();
  expect(upstream.received).toHaveLength(1);
  expect(upstream.received[0]).toMatchObject({ body: 'onetwo' });
  expect(upstream.received[0]?.headers['content-length']).toBeUndefined();
});

test('HEAD, 204 and 304 have no body and leave the connection usable', async () => {
  for (const [method, status] of [
    ['HEAD', 200],
    ['GET', 204],
    ['GET', 304],
  ] as const) {
    answer = (_received, response) =>
      response.writeHead(status, { etag: '"1"' }).end(method === 'HEAD' ? 'ignored' : undefined);
    const response = await request(proxy.url, { method });
    expect(response.statusCode).toBe(status);
    expect(response.headers['etag']).toBe('"1"');
    expect(await response.body.text()).toBe('');
  }
});

test('a large body streams both ways', async () => {
  const large = 'x'.repeat(900_000);
  answer = (received, response) => response.end(received.body);
  const response = await request(proxy.url, { method: 'PUT', body: large });
  expect((await response.body.text()).length).toBe(large.length);
  expect(proxy.reports.at(-1)).toMatchObject({ status: 200, responseBytes: large.length });
});
