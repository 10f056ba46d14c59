import { expect, test } from '@jest/globals';
import { withProxy } from '#test/support/raw-http/with-proxy.ts';

const cases = [
  {
    name: 'HEAD',
    method: 'HEAD',
    answer: 'HTTP/1.1 200 OK\r\nContent-Length: 1234\r\nETag: "a"\r\n\r\n',
    status: 200,
  },
  {
    name: '204',
    method: 'DELETE',
    answer: 'HTTP/1.1 204 No Content\r\nContent-Length: 1234\r\nETag: "a"\r\n\r\n',
    status: 204,
  },
  {
    name: '304',
    method: 'GET',
    answer: 'HTTP/1.1 304 Not Modified\r\nContent-Length: 1234\r\nETag: "a"\r\n\r\n',
    status: 304,
  },
];

test.each(cases)(
  '$name with Content-Length: headers through, no body, both connections usable',
  async (example) => {
    const script = (request: { target: string }) => {
      return request.target === '/a' ? example.answer : 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nclean';
    };
    await withProxy({ script, upstreamOptions: { maxConnections: 1 } }, async (proxy) => {
      const client = await proxy.connect();
      client.send(`${example.method} /a HTTP/1.1\r\nHost: a.example\r\n\r\n`);
      const response = await client.response(example.method);
      expect(response.status).toBe(example.status);
      expect(response.all('content-length')).toEqual(['1234']);
      expect(response.all('etag')).toEqual(['"a"']);
      client.send('GET /b HTTP/1.1\r\nHost: a.example\r\n\r\n');
      expect((await client.response()).body).toBe('clean');
      expect(client.unread()).toBe('');
      expect(proxy.upstream.connections).toHaveLength(1);
    });
  },
);

test('the answer to a HEAD may announce chunks, and none follow', async () => {
  const script = (request: { method: string }) => {
    const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
    return request.method === 'HEAD' ? head : `${head}2\r\nok\r\n0\r\n\r\n`;
  };
  await withProxy({ script, upstreamOptions: { maxConnections: 1 } }, async (proxy) => {
    const client = await proxy.connect();
    client.send('HEAD /a HTTP/1.1\r\nHost: a.example\r\n\r\n');
    expect((await client.response('HEAD')).status).toBe(200);
    client.send('GET /a HTTP/1.1\r\nHost: a.example\r\n\r\n');
    expect((await client.response()).body).toBe('ok');
    expect(proxy.upstream.connections).toHaveLength(1);
  });
});

test.each(cases)('$name with a body all the same: those bytes reach nobody', async (example) => {
  const script = () => `${example.answer}HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison`;
  await withProxy({ script, upstreamOptions: { maxConnections: 1 } }, async (proxy) => {
    const response = await proxy.ask(`${example.method} /a HTTP/1.1\r\nHost: a.example\r\n\r\n`);
    expect(response.status).toBe(502);
    expect(response.body).not.toContain('poison');
    await proxy.upstream.until(({ connections }) => connections[0]?.closed === true);
  });
});
