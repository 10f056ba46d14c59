import { expect, test } from '@jest/globals';
import { withProxy } from '#test/support/raw-http/with-proxy.ts';

test('headers of one hop, and those that the upstream nominates, do not reach the client', async () => {
  const answer =
    'HTTP/1.1 200 OK\r\nConnection: keep-alive, X-Internal\r\nKeep-Alive: timeout=5\r\nX-Internal: secret\r\n' +
    'Proxy-Connection: keep-alive\r\nProxy-Authenticate: Basic\r\nTE: trailers\r\nTrailer: X-Sum\r\nUpgrade: h2c\r\n' +
    'x-internal: twice\r\nContent-Length: 2\r\nX-Stays: 1\r\n\r\nok';
  await withProxy({ script: () => answer }, async (proxy) => {
    const response = await proxy.ask('GET /a HTTP/1.1\r\nHost: a.example\r\n\r\n');
    expect(response.headers).toEqual([
      ['X-Stays', '1'],
      ['content-length', '2'],
    ]);
    expect(response.body).toBe('ok');
  });
});

test('our own Connection is the one that the client sees', async () => {
  const answer = 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok';
  await withProxy({ script: () => answer }, async (proxy) => {
    const client = await proxy.connect();
    for (let i = 0; i < 3; i += 1) {
      client.send('GET /a HTTP/1.1\r\nHost: a.example\r\n\r\n');
      expect((await client.response()).all('connection')).toEqual([]);
    }
    client.send('GET /a HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n');
    expect((await client.response()).all('connection')).toEqual(['close']);
    expect(await client.closed).toBe('ended');
    expect(proxy.upstream.connections).toHaveLength(4);
  });
});

test('an HTTP/1.0 client that asks for it is kept, and told so', async () => {
  await withProxy({}, async (proxy) => {
    const client = await proxy.connect();
    client.send('GET /a HTTP/1.0\r\nHost: a.example\r\nConnection: keep-alive\r\n\r\n');
    expect((await client.response()).all('connection')).toEqual(['keep-alive']);
    client.send('GET /a HTTP/1.0\r\nHost: a.example\r\n\r\n');
    expect((await client.response()).all('connection')).toEqual(['close']);
    expect(await client.closed).toBe('ended');
  });
});
