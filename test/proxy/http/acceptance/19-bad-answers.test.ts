import { expect, test } from '@jest/globals';
import type { RecordedConnection } from '#test/support/raw-http/recording-upstream.ts';
import { withProxy } from '#test/support/raw-http/with-proxy.ts';

const request = 'GET /a HTTP/1.1\r\nHost: a.example\r\n\r\n';
const ok = 'HTTP/1.1 200 OK\r\n';

test.each([
  { name: 'both framings', answer: `${ok}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n` },
  { name: 'two lengths', answer: `${ok}Content-Length: 2\r\nContent-Length: 3\r\n\r\nok` },
  { name: 'the same length twice', answer: `${ok}Content-Length: 2\r\nContent-Length: 2\r\n\r\nok` },
  { name: 'a length that is none', answer: `${ok}Content-Length: two\r\n\r\nok` },
  { name: 'an unknown coding', answer: `${ok}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n` },
  { name: 'xchunked', answer: `${ok}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n` },
  { name: 'chunks from HTTP/1.0', answer: 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n' },
  { name: 'bare LF', answer: 'HTTP/1.1 200 OK\nContent-Length: 2\n\nok' },
  { name: 'obs-fold', answer: `${ok}A: b\r\n c\r\nContent-Length: 2\r\n\r\nok` },
  { name: 'bare CR in a value', answer: `${ok}A: b\rSet-Cookie: x=y\r\nContent-Length: 2\r\n\r\nok` },
  { name: 'NUL in a value', answer: `${ok}A: b\0\r\nContent-Length: 2\r\n\r\nok` },
  { name: 'blank before a colon', answer: `${ok}Content-Length : 2\r\n\r\nok` },
  { name: 'HTTP/2.0', answer: 'HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\nok' },
  { name: 'HTTP/0.9', answer: 'ok' },
  { name: 'status of two digits', answer: 'HTTP/1.1 20 OK\r\n\r\n' },
  { name: 'status of four digits', answer: 'HTTP/1.1 2000 OK\r\n\r\n' },
  { name: 'a bad chunk size', answer: `${ok}Transfer-Encoding: chunked\r\n\r\nxyz\r\nok\r\n0\r\n\r\n` },
  {
    name: 'bytes after the response',
    answer: `${ok}Content-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison`,
  },
  { name: 'bytes after the last chunk', answer: `${ok}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\npoison` },
  {
    name: 'an unsolicited 101',
    answer: 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
  },
  { name: 'a head without an end', answer: `${ok}A: ${'b'.repeat(70_000)}` },
  { name: 'headers without an end', answer: `${ok}${'A: b\r\n'.repeat(12_000)}` },
])('an answer that is not exact is a 502, and its connection is dropped: $name', async ({ answer }) => {
  await withProxy({ script: () => answer }, async (proxy) => {
    const client = await proxy.connect();
    client.send(request);
    const response = await client.response();
    expect(response.status).toBe(502);
    expect(JSON.parse(response.body)).toMatchObject({ code: 'upstream-malformed' });
    await proxy.upstream.until(({ connections }) => connections[0]?.closed === true);
    expect(client.unread()).toBe('');
    expect(proxy.reports[0]).toMatchObject({ status: 502, failure: 'upstream-malformed' });
  });
});

test('bytes that come after a complete answer never become the next one', async () => {
  let turn = 0;
  const script = (_request: unknown, connection: RecordedConnection) => {
    turn += 1;
    setTimeout(() => connection.socket.write(`${ok}Content-Length: 6\r\n\r\npoison`), 20);
    return `${ok}Content-Length: 5\r\n\r\nturn${turn}`;
  };
  await withProxy({ script, upstreamOptions: { maxConnections: 1 } }, async (proxy) => {
    expect((await proxy.ask(request)).body).toBe('turn1');
    await proxy.upstream.until(({ connections }) => connections[0]?.closed === true);
    expect((await proxy.ask(request)).body).toBe('turn2');
  });
});

test('a broken chunk after the head was relayed cuts the client off', async () => {
  const script = () => (connection: RecordedConnection) => {
    connection.socket.write(`${ok}Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n`);
    setTimeout(() => connection.socket.write('zz\r\n'), 30);
  };
  await withProxy({ script }, async (proxy) => {
    const client = await proxy.connect();
    client.send(request);
    await client.closed;
    expect(client.unread()).not.toContain('0\r\n\r\n');
    expect(proxy.reports[0]).toMatchObject({ status: 200, failure: 'upstream-malformed' });
  });
});

test('a body that ends with the connection is framed anew', async () => {
  const script = () => (connection: RecordedConnection) => {
    connection.socket.end('HTTP/1.0 200 OK\r\nA: b\r\n\r\nuntil the end');
  };
  await withProxy({ script }, async (proxy) => {
    const client = await proxy.connect();
    client.send(request);
    expect(await client.response()).toMatchObject({ body: 'until the end', chunked: true });
    client.send(request);
    expect((await client.response()).body).toBe('until the end');
    const old = await proxy.connect();
    old.send('GET /a HTTP/1.0\r\nHost: a.example\r\n\r\n');
    expect(await old.response()).toMatchObject({ body: 'until the end', chunked: false });
    expect(await old.closed).toBe('ended');
  });
});

test('an HTTP/1.0 client gets a chunked answer without chunks', async () => {
  const script = () => `${ok}Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`;
  await withProxy({ script }, async (proxy) => {
    const client = await proxy.connect();
    client.send('GET /a HTTP/1.0\r\nHost: a.example\r\nConnection: keep-alive\r\n\r\n');
    expect(await client.response()).toMatchObject({ body: 'ok', chunked: false });
  });
});
