import { expect, test } from '@jest/globals';
import type { RecordedConnection } from '#test/support/raw-http/recording-upstream.ts';
import { withProxy } from '#test/support/raw-http/with-proxy.ts';

const get = 'GET /a HTTP/1.1\r\nHost: a.example\r\n\r\n';

test('running exchanges finish and say close, idle connections end, new ones are not taken', async () => {
  const release: (() => void)[] = [];
  const script = () => (connection: RecordedConnection) => {
    release.push(() => connection.socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'));
  };
  await withProxy({ script }, async (proxy) => {
    const idle = await proxy.connect();
    const busy = await proxy.connect();
    busy.send(get);
    await proxy.upstream.until(({ requests }) => requests.length === 1);
    const drained = proxy.plane.drain(5_000);
    expect(proxy.plane.running()).toBe(1);
    expect(await idle.closed).toBeDefined();
    expect(idle.unread()).toBe('');
    await expect(proxy.connect()).rejects.toThrow('ECONNREFUSED');
    release[0]?.();
    const response = await busy.response();
    expect(response.body).toBe('ok');
    expect(response.all('connection')).toEqual(['close']);
    expect(await drained).toBe(0);
    expect(proxy.plane.connections?.()).toBe(0);
    await proxy.upstream.until(({ connections }) => connections.every(({ closed }) => closed));
  });
});

test('a request that was on its way when the drain began is answered', async () => {
  await withProxy({}, async (proxy) => {
    const client = await proxy.connect();
    client.send(get);
    expect((await client.response()).all('connection')).toEqual([]);
    const drained = proxy.plane.drain(5_000);
    client.send(get);
    expect((await client.response()).all('connection')).toEqual(['close']);
    expect(await drained).toBe(0);
  });
});

test('what does not finish in time is cut and counted', async () => {
  await withProxy({ script: () => undefined }, async (proxy) => {
    for (let i = 0; i < 3; i += 1) (await proxy.connect()).send(get);
    await proxy.upstream.until(({ requests }) => requests.length === 3);
    expect(await proxy.plane.drain(50)).toBe(3);
    expect(proxy.plane.running()).toBe(0);
    expect(proxy.reports.map(({ status }) => status)).toEqual([499, 499, 499]);
  });
});

test('draining twice waits for the first', async () => {
  await withProxy({}, async (proxy) => {
    const both = await Promise.all([proxy.plane.drain(100), proxy.plane.drain(100)]);
    expect(both).toEqual([0, 0]);
  });
});

test('a port in use is one clear message', async () => {
  await withProxy({}, async (proxy) => {
    const again = withProxy({ plane: { port: proxy.plane.port } }, async () => {});
    await expect(again).rejects.toThrow(
      `the proxy cannot listen on 127.0.0.1:${proxy.plane.port} (EADDRINUSE)`,
    );
  });
});
