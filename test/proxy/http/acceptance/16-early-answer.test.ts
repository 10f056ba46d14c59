import { expect, test } from '@jest/globals';
import { withProxy } from '#test/support/raw-http/with-proxy.ts';

const large = 1_000_000;

test.each([
  { name: 'Content-Length', head: `Content-Length: ${large}`, part: 'x'.repeat(1_000) },
  { name: 'chunked', head: 'Transfer-Encoding: chunked', part: '3\r\nabc\r\n' },
])(
  'an answer before the end of the upload is relayed, and both connections close: $name',
  async ({ head, part }) => {
    let answered = false;
    const onBytes = (connection: { bytes: string; socket: { write(text: string): void } }) => {
      if (answered || !connection.bytes.includes('\r\n\r\n')) return;
      answered = true;
      connection.socket.write('HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig');
    };
    await withProxy({ onBytes }, async (proxy) => {
      const client = await proxy.connect();
      client.send(`POST /a HTTP/1.1\r\nHost: a.example\r\n${head}\r\n\r\n${part}`);
      const response = await client.response('POST');
      expect(response).toMatchObject({ status: 413, body: 'big' });
      expect(response.all('connection')).toEqual(['close']);
      expect(await client.closed).toBe('ended');
      await proxy.upstream.until(({ connections }) => connections[0]?.closed === true);
      expect(proxy.reports[0]).toMatchObject({ status: 413, failure: undefined });
    });
  },
);

test('what looks like a request in the rest of a cancelled upload is never one (Pingora CVE-2025-4366)', async () => {
  const onBytes = (connection: { bytes: string; socket: { write(text: string): void } }) => {
    if (connection.bytes.includes('\r\n\r\nfirst'))
      connection.socket.write('HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n');
  };
  await withProxy({ onBytes, script: () => undefined }, async (proxy) => {
    const client = await proxy.connect();
    client.send(`POST /a HTTP/1.1\r\nHost: a.example\r\nContent-Length: ${large}\r\n\r\nfirst`);
    expect((await client.response('POST')).status).toBe(403);
    client.send('GET /smuggled HTTP/1.1\r\nHost: a.example\r\n\r\n'.repeat(10));
    expect(await client.closed).toBe('ended');
    expect(client.unread()).toBe('');
    expect(proxy.upstream.connections).toHaveLength(1);
    expect(proxy.reports).toHaveLength(1);
  });
});

test('an early answer with a long body arrives whole', async () => {
  const body = 'y'.repeat(500_000);
  let answered = false;
  const onBytes = (connection: { bytes: string; socket: { write(text: string): void } }) => {
    if (answered || !connection.bytes.includes('\r\n\r\n')) return;
    answered = true;
    connection.socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  };
  await withProxy({ onBytes }, async (proxy) => {
    const client = await proxy.connect();
    client.send(`POST /a HTTP/1.1\r\nHost: a.example\r\nContent-Length: ${large}\r\n\r\nxxx`);
    expect((await client.response('POST')).body).toBe(body);
  });
});

test('a connection with half an upload on it is not given to the next request', async () => {
  let answered = false;
  const onBytes = (connection: { bytes: string; socket: { write(text: string): void } }) => {
    if (answered || !connection.bytes.includes('first')) return;
    answered = true;
    setTimeout(() => connection.socket.write('HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n'), 50);
  };
  await withProxy({ onBytes, upstreamOptions: { maxConnections: 1 } }, async (proxy) => {
    const uploader = await proxy.connect();
    uploader.send(`POST /a HTTP/1.1\r\nHost: a.example\r\nContent-Length: ${large}\r\n\r\nfirst`);
    await proxy.upstream.until((upstream) => upstream.bytes().includes('first'));
    const waiter = await proxy.ask('GET /next HTTP/1.1\r\nHost: a.example\r\n\r\n');
    expect(waiter.body).toBe('GET /next ');
    expect((await uploader.response('POST')).status).toBe(403);
    expect(proxy.upstream.connections).toHaveLength(2);
    expect(proxy.upstream.connections[0]?.bytes).not.toContain('/next');
  });
});
