import { expect, test } from '@jest/globals';
import { expectRefused } from '#test/support/raw-http/oracle.ts';
import { withProxy } from '#test/support/raw-http/with-proxy.ts';

const post = (lines: string): string =>
  `POST /a HTTP/1.1\r\nHost: a.example\r\nContent-Length: 5\r\n${lines}\r\n\r\n`;

test('a client that waits is told to go on, and the upstream never sees the expectation', async () => {
  await withProxy({}, async (proxy) => {
    const client = await proxy.connect();
    client.send(post('Expect: 100-continue'));
    expect((await client.response('POST')).startLine).toBe('HTTP/1.1 100 Continue');
    expect(proxy.upstream.bytes()).toBe('');
    client.send('hello');
    const response = await client.response('POST');
    expect(response).toMatchObject({ status: 200, body: 'POST /a hello' });
    expect(proxy.upstream.requests[0]?.all('expect')).toEqual([]);
  });
});

test('a chunked body that waits too', async () => {
  await withProxy({}, async (proxy) => {
    const client = await proxy.connect();
    client.send(
      'POST /a HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\nExpect: 100-Continue\r\n\r\n',
    );
    expect((await client.response('POST')).status).toBe(100);
    client.send('5\r\nhello\r\n0\r\n\r\n');
    expect(await client.response('POST')).toMatchObject({ status: 200, body: 'POST /a hello' });
  });
});

test('a client that does not wait gets no interim answer', async () => {
  await withProxy({}, async (proxy) => {
    const response = await proxy.ask(`${post('Expect: 100-continue')}hello`);
    expect(response).toMatchObject({ status: 200, body: 'POST /a hello' });
  });
});

test.each([
  'Expect: y 100-continue',
  'Expect: 100-continue, x',
  'Expect: 100-continue x',
  'Expect: 200-ok',
  'Expect:',
  'Expect: 100-continue\r\nExpect: 100-continue',
])('any other expectation is refused: %j', async (line) => {
  await expectRefused({ name: line, bytes: post(line) }, 417);
});

test('limits come before the go-ahead', async () => {
  const bytes =
    'POST /a HTTP/1.1\r\nHost: a.example\r\nContent-Length: 99999999\r\nExpect: 100-continue\r\n\r\n';
  await expectRefused({ name: 'too large', bytes }, 413);
});

test('the decision comes before the go-ahead', async () => {
  const decide = () => ({ refuse: 'no-route', detail: 'Nothing here.' }) as const;
  await withProxy({ plane: { decide } }, async (proxy) => {
    const client = await proxy.connect();
    client.send(post('Expect: 100-continue'));
    const response = await client.response('POST');
    expect(response.status).toBe(404);
    expect(response.all('connection')).toEqual(['close']);
    expect(await client.closed).toBe('ended');
  });
});

test('an upstream that answers 100 by itself does not confuse anyone', async () => {
  const script = () => 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
  await withProxy({ script }, async (proxy) => {
    expect(await proxy.ask(`${post('A: b')}hello`)).toMatchObject({ status: 200, body: 'ok' });
  });
});

test('HTTP/1.0 has no expectations (RFC 9110, 10.1.1)', async () => {
  await withProxy({}, async (proxy) => {
    const bytes =
      'POST /a HTTP/1.0\r\nHost: a.example\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello';
    expect(await proxy.ask(bytes)).toMatchObject({ status: 200, body: 'POST /a hello' });
  });
});
