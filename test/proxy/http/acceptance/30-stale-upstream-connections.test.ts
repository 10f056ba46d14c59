import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import type { RecordedConnection } from '#test/support/raw-http/recording-upstream.ts';
import { withProxy, type ProxyUnderTest } from '#test/support/raw-http/with-proxy.ts';

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const get = 'GET /a HTTP/1.1\r\nHost: a.example\r\n\r\n';
const post = 'POST /b HTTP/1.1\r\nHost: a.example\r\nContent-Length: 2\r\n\r\nhi';

async function untilOpen(proxy: ProxyUnderTest, open: number): Promise<void> {
  while (proxy.plane.upstreams?.()[0]?.open !== open) await delay(5);
}

test.each([
  { how: 'ended', cut: (connection: RecordedConnection) => connection.socket.end() },
  { how: 'was reset', cut: (connection: RecordedConnection) => connection.socket.resetAndDestroy() },
])('a kept connection that $how while idle is not used again', async ({ cut }) => {
  await withProxy({ script: () => ok }, async (proxy) => {
    expect((await proxy.ask(get)).status).toBe(200);
    cut(proxy.upstream.connections[0] as RecordedConnection);
    await untilOpen(proxy, 0);
    expect((await proxy.ask(post)).status).toBe(200);
    expect(proxy.upstream.requests).toHaveLength(2);
    expect(proxy.upstream.connections).toHaveLength(2);
  });
});

test('a half-closed connection is dropped, though the upstream would still read', async () => {
  const onConnection = (connection: RecordedConnection) => {
    (connection.socket as { allowHalfOpen?: boolean }).allowHalfOpen = true;
  };
  await withProxy({ onConnection, script: () => ok }, async (proxy) => {
    await proxy.ask(get);
    proxy.upstream.connections[0]?.socket.end();
    await untilOpen(proxy, 0);
    await proxy.ask(post);
    expect(proxy.upstream.connections[0]?.requests).toHaveLength(1);
    expect(proxy.upstream.connections[1]?.requests).toHaveLength(1);
  });
});

test('connections are not kept longer than the upstream says, or than is configured', async () => {
  const script = () => 'HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1\r\nContent-Length: 2\r\n\r\nok';
  await withProxy({ script }, async (proxy) => {
    await proxy.ask(get);
    await untilOpen(proxy, 0);
  });
  await withProxy({ script: () => ok, upstreamOptions: { idleTimeoutMs: 100 } }, async (proxy) => {
    await proxy.ask(get);
    expect(proxy.plane.upstreams?.()[0]?.idle).toBe(1);
    await untilOpen(proxy, 0);
  });
});

test('an upstream that closes after each answer gets a connection for each request', async () => {
  const script = () => 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok';
  await withProxy({ script, upstreamOptions: { maxConnections: 1 } }, async (proxy) => {
    const client = await proxy.connect();
    for (let i = 0; i < 5; i += 1) {
      client.send(post);
      expect((await client.response()).body).toBe('ok');
    }
    expect(proxy.upstream.connections).toHaveLength(5);
  });
});

test('no answer goes to the wrong request when a client leaves before its own', async () => {
  const script = (message: { target: string }) => (connection: RecordedConnection) => {
    setTimeout(
      () =>
        connection.socket.write(
          `HTTP/1.1 200 OK\r\nContent-Length: ${message.target.length}\r\n\r\n${message.target}`,
        ),
      message.target === '/left' ? 60 : 0,
    );
  };
  await withProxy({ script, upstreamOptions: { maxConnections: 1 } }, async (proxy) => {
    const leaver = await proxy.connect();
    leaver.send('GET /left HTTP/1.1\r\nHost: a.example\r\n\r\n');
    await proxy.upstream.until(({ requests }) => requests.length === 1);
    leaver.destroy();
    expect((await proxy.ask('GET /stayed HTTP/1.1\r\nHost: a.example\r\n\r\n')).body).toBe('/stayed');
  });
});

test('an answer that comes after its time-out is nobody’s', async () => {
  const script = (message: { target: string }) => (connection: RecordedConnection) => {
    setTimeout(
      () => connection.socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n${message.target}`),
      message.target === '/late' ? 300 : 0,
    );
  };
  await withProxy({ script, upstreamOptions: { maxConnections: 1, headerTimeoutMs: 100 } }, async (proxy) => {
    const client = await proxy.connect();
    client.send('GET /late HTTP/1.1\r\nHost: a.example\r\n\r\n');
    expect((await client.response()).status).toBe(504);
    client.send('GET /next HTTP/1.1\r\nHost: a.example\r\n\r\n');
    expect((await client.response()).body).toBe('/next');
    await delay(300);
    expect(client.unread()).toBe('');
  });
});

test.each([get, post])(
  'a request whose write failed at once is sent again on a new connection: %j',
  async (bytes) => {
    await withProxy({ script: () => ok }, async (proxy) => {
      const client = await proxy.connect();
      client.send(get);
      expect((await client.response()).status).toBe(200);
      // In one turn: the proxy reads the request, and writes it, before it hears of the reset.
      client.send(bytes);
      proxy.upstream.connections[0]?.socket.resetAndDestroy();
      expect((await client.response()).body).toBe('ok');
      expect(proxy.upstream.connections.map(({ requests }) => requests.length)).toEqual([1, 1]);
      expect(proxy.upstream.requests.at(-1)?.body).toBe(bytes === post ? 'hi' : '');
    });
  },
);

test.each([2, 16_000, 60_000])(
  'a write of %i bytes that reached the upstream is not repeated when it resets',
  async (length) => {
    const onBytes = (connection: RecordedConnection) => {
      if (connection.bytes.includes('POST')) connection.socket.resetAndDestroy();
    };
    await withProxy({ onBytes, script: () => ok }, async (proxy) => {
      expect((await proxy.ask(get)).status).toBe(200);
      const head = `POST /once HTTP/1.1\r\nHost: a.example\r\nContent-Length: ${length}\r\n\r\n`;
      expect((await proxy.ask(head + 'x'.repeat(length))).status).toBe(502);
      expect(proxy.upstream.bytes().split('POST')).toHaveLength(2);
      expect(proxy.upstream.connections).toHaveLength(1);
    });
  },
);
