import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { startUpstream, type RecordedConnection } from '#test/support/raw-http/recording-upstream.ts';
import { withProxy } from '#test/support/raw-http/with-proxy.ts';

const get = 'GET /a HTTP/1.1\r\nHost: a.example\r\n\r\n';
const post = 'POST /a HTTP/1.1\r\nHost: a.example\r\nContent-Length: 2\r\n\r\nhi';

/** An address that refuses: a listener that was closed again. */
async function deadUrl(): Promise<string> {
  const upstream = await startUpstream();
  await upstream.close();
  return upstream.url;
}

test('an upstream that refuses is a 502 at once', async () => {
  await withProxy({ upstreamOptions: { url: await deadUrl() } }, async (proxy) => {
    const response = await proxy.ask(get);
    expect(response.status).toBe(502);
    expect(JSON.parse(response.body)).toMatchObject({ code: 'upstream-unreachable' });
  });
});

test('what could not be sent to one address goes to the next, also a write', async () => {
  const moreUrls = [await deadUrl(), await deadUrl()];
  await withProxy({ upstreamOptions: { moreUrls } }, async (proxy) => {
    const answers = await Promise.all(Array.from({ length: 8 }, async () => await proxy.ask(post)));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 200));
    expect(proxy.upstream.requests).toHaveLength(8);
  });
});

test('requests that run at once are spread over the addresses', async () => {
  const second = await startUpstream({ script: () => undefined });
  try {
    await withProxy(
      { script: () => undefined, upstreamOptions: { moreUrls: [second.url] } },
      async (proxy) => {
        for (let i = 0; i < 6; i += 1) {
          (await proxy.connect()).send(get);
          await delay(20);
        }
        await proxy.upstream.until(({ requests }) => requests.length + second.requests.length === 6);
        expect(second.requests).toHaveLength(3);
      },
    );
  } finally {
    await second.close();
  }
});

test('an address that fails again and again is taken out, tried again, and comes back', async () => {
  let healthy = false;
  const changes: boolean[] = [];
  const script = () => (connection: RecordedConnection) => {
    if (healthy) connection.socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    else connection.socket.destroy();
  };
  const upstreamOptions = {
    breaker: { failures: 3, outMs: 200 },
    onHealth: (change: { in: boolean }) => changes.push(change.in),
  };
  await withProxy({ script, upstreamOptions }, async (proxy) => {
    for (let i = 0; i < 3; i += 1) expect((await proxy.ask(get)).status).toBe(502);
    expect(proxy.plane.upstreams?.()[0]?.addresses[0]).toMatchObject({ in: false, failures: 3 });
    const response = await proxy.ask(get);
    expect(JSON.parse(response.body)).toMatchObject({ status: 502, code: 'upstream-unreachable' });
    expect(proxy.upstream.requests).toHaveLength(3);
    healthy = true;
    while ((await proxy.ask(get)).status !== 200) await delay(20);
    expect(proxy.plane.upstreams?.()[0]?.addresses[0]).toMatchObject({ in: true, failures: 0 });
    expect(changes).toEqual([false, true]);
  });
});

test('answers of any status are no failures of the address', async () => {
  const script = () => 'HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n';
  await withProxy({ script, upstreamOptions: { breaker: { failures: 1, outMs: 10_000 } } }, async (proxy) => {
    for (let i = 0; i < 5; i += 1) expect((await proxy.ask(get)).status).toBe(500);
  });
});

test('an upstream that does not answer is a 504, and its connection is dropped', async () => {
  await withProxy({ script: () => undefined, upstreamOptions: { headerTimeoutMs: 100 } }, async (proxy) => {
    const response = await proxy.ask(post);
    expect(JSON.parse(response.body)).toMatchObject({ status: 504, code: 'upstream-header-timeout' });
    await proxy.upstream.until(({ connections }) => connections[0]?.closed === true);
    expect(proxy.upstream.requests).toHaveLength(1);
  });
});

test('an upstream that accepts no connection in time is a 504', async () => {
  // RFC 5737's test network is routed nowhere; some machines refuse at once instead of staying silent.
  const upstreamOptions = { url: 'http://192.0.2.1:9', connectTimeoutMs: 100 };
  await withProxy({ upstreamOptions }, async (proxy) => {
    const response = await proxy.ask(get);
    expect(['upstream-connect-timeout', 'upstream-unreachable']).toContain(JSON.parse(response.body).code);
  });
});

test('at the bound, a free connection to another address serves as well', async () => {
  const second = await startUpstream();
  try {
    await withProxy({ upstreamOptions: { moreUrls: [second.url], maxConnections: 2 } }, async (proxy) => {
      for (let i = 0; i < 10; i += 1) expect((await proxy.ask(post)).status).toBe(200);
      expect(proxy.upstream.connections.length + second.connections.length).toBe(2);
      expect(proxy.upstream.requests).toHaveLength(5);
      expect(proxy.plane.upstreams?.()[0]).toMatchObject({ open: 2, idle: 2, waiting: 0 });
    });
  } finally {
    await second.close();
  }
});

test('when no address answers, every one who waits is told', async () => {
  const url = await deadUrl();
  await withProxy(
    { upstreamOptions: { url, moreUrls: [await deadUrl()], maxConnections: 1, maxWaiting: 50 } },
    async (proxy) => {
      const answers = await Promise.all(Array.from({ length: 20 }, async () => await proxy.ask(get)));
      expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 502));
      expect(proxy.plane.upstreams?.()[0]).toMatchObject({ open: 0, waiting: 0 });
    },
  );
});
