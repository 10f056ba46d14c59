import { expect, test } from '@jest/globals';
import type { RawClient } from '#test/support/raw-http/raw-client.ts';
import { withProxy } from '#test/support/raw-http/with-proxy.ts';

const leavings = [
  { how: 'FIN', leave: (client: RawClient) => client.socket.end() },
  { how: 'reset', leave: (client: RawClient) => client.socket.resetAndDestroy() },
];

test.each(leavings)(
  'a client that leaves by $how before the answer: upstream aborted, counted 499',
  async ({ leave }) => {
    await withProxy({ script: () => undefined }, async (proxy) => {
      const client = await proxy.connect();
      client.send('GET /a HTTP/1.1\r\nHost: a.example\r\n\r\n');
      await proxy.upstream.until(({ requests }) => requests.length === 1);
      const left = performance.now();
      leave(client);
      await proxy.upstream.until(({ connections }) => connections[0]?.closed === true);
      expect(performance.now() - left).toBeLessThan(1_000);
      await proxy.reported(1);
      expect(proxy.reports[0]).toMatchObject({ status: 499, failure: 'client-aborted' });
      expect(proxy.plane.running()).toBe(0);
    });
  },
);

test.each(leavings)('a client that leaves by $how in the middle of the answer', async ({ leave }) => {
  const script = () => `HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\npartial`;
  await withProxy({ script }, async (proxy) => {
    const client = await proxy.connect();
    client.send('GET /a HTTP/1.1\r\nHost: a.example\r\n\r\n');
    while (!client.unread().includes('partial')) await new Promise((resolve) => setTimeout(resolve, 5));
    leave(client);
    await proxy.upstream.until(({ connections }) => connections[0]?.closed === true);
    await proxy.reported(1);
    expect(proxy.reports[0]).toMatchObject({ status: 499, failure: 'client-aborted' });
  });
});

test.each(leavings)('a client that leaves by $how in the middle of its upload', async ({ leave }) => {
  await withProxy({}, async (proxy) => {
    const client = await proxy.connect();
    client.send('POST /a HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n');
    await proxy.upstream.until((upstream) => upstream.bytes().includes('abc'));
    leave(client);
    await proxy.upstream.until(({ connections }) => connections[0]?.closed === true);
    expect(proxy.upstream.bytes()).not.toContain('0\r\n\r\n');
    expect(proxy.upstream.requests).toHaveLength(0);
    await proxy.reported(1);
    expect(proxy.reports[0]).toMatchObject({ status: 499, failure: 'client-aborted' });
  });
});

test('a client that leaves while its request waits for a connection gives up its place', async () => {
  await withProxy({ script: () => undefined, upstreamOptions: { maxConnections: 1 } }, async (proxy) => {
    const first = await proxy.connect();
    first.send('GET /first HTTP/1.1\r\nHost: a.example\r\n\r\n');
    await proxy.upstream.until(({ requests }) => requests.length === 1);
    const second = await proxy.connect();
    second.send('GET /second HTTP/1.1\r\nHost: a.example\r\n\r\n');
    while (proxy.plane.upstreams?.()[0]?.waiting !== 1)
      await new Promise((resolve) => setTimeout(resolve, 5));
    second.destroy();
    await proxy.reported(1);
    expect(proxy.plane.upstreams?.()[0]?.waiting).toBe(0);
    expect(proxy.upstream.requests).toHaveLength(1);
  });
});
