import { expect, test } from '@jest/globals';
import type { RecordedConnection } from '#test/support/raw-http/recording-upstream.ts';
import { withProxy } from '#test/support/raw-http/with-proxy.ts';

const request = 'GET /a HTTP/1.1\r\nHost: a.example\r\n\r\n';
const endings = [
  { how: 'FIN', cut: (connection: RecordedConnection) => connection.socket.end() },
  { how: 'reset', cut: (connection: RecordedConnection) => connection.socket.resetAndDestroy() },
];
const heads = [
  { framing: 'Content-Length', head: 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npartial' },
  { framing: 'chunks', head: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\npartial\r\n' },
  { framing: 'half a chunk', head: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\npartial' },
];
const cases = endings.flatMap((ending) => heads.map((head) => ({ ...ending, ...head })));

test.each(cases)(
  '$how in a body framed by $framing: the client never sees a clean end',
  async ({ head, cut }) => {
    const script = () => (connection: RecordedConnection) => {
      connection.socket.write(head);
      setTimeout(() => cut(connection), 30);
    };
    await withProxy({ script }, async (proxy) => {
      const client = await proxy.connect();
      client.send(request);
      await expect(client.response()).rejects.toThrow(/closed before a response|cut off/);
      await client.closed;
      expect(client.unread()).toContain('partial');
      expect(client.unread()).not.toContain('problem');
      expect(client.unread()).not.toContain('\r\n0\r\n\r\n');
      await proxy.reported(1);
      expect(proxy.reports[0]).toMatchObject({ status: 200, failure: 'upstream-closed' });
      expect(proxy.upstream.requests).toHaveLength(1);
    });
  },
);

test('a reset ends a body that ends with the connection uncleanly too', async () => {
  const script = () => (connection: RecordedConnection) => {
    connection.socket.write('HTTP/1.1 200 OK\r\n\r\npartial');
    setTimeout(() => connection.socket.resetAndDestroy(), 30);
  };
  await withProxy({ script }, async (proxy) => {
    const client = await proxy.connect();
    client.send(request);
    await client.closed;
    expect(client.unread()).not.toContain('\r\n0\r\n\r\n');
  });
});

test('a body that stops coming is cut after the body time-out', async () => {
  const script = () => 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npartial';
  await withProxy({ script, upstreamOptions: { bodyTimeoutMs: 100 } }, async (proxy) => {
    const client = await proxy.connect();
    client.send(request);
    await client.closed;
    await proxy.reported(1);
    expect(proxy.reports[0]).toMatchObject({ status: 200, failure: 'upstream-body-timeout' });
    await proxy.upstream.until(({ connections }) => connections[0]?.closed === true);
  });
});

test('the head alone and then the end: an honest 502, and no second try for a write', async () => {
  const script = () => (connection: RecordedConnection) => {
    connection.socket.end('HTTP/1.1 200 OK\r\nContent-Le');
  };
  await withProxy({ script }, async (proxy) => {
    const response = await proxy.ask('POST /a HTTP/1.1\r\nHost: a.example\r\nContent-Length: 2\r\n\r\nhi');
    expect(response.status).toBe(502);
    expect(JSON.parse(response.body)).toMatchObject({ code: 'upstream-closed', status: 502 });
    expect(proxy.upstream.requests).toHaveLength(1);
  });
});
