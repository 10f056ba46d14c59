import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { connectRaw } from '#test/support/raw-http/raw-client.ts';
import { withProxy } from '#test/support/raw-http/with-proxy.ts';

const request = (target: string): string => `GET ${target} HTTP/1.1\r\nHost: a.example\r\n\r\n`;

test('thousands of pipelined requests are answered in order', async () => {
  await withProxy({}, async (proxy) => {
    const client = await proxy.connect();
    const count = 3_000;
    let all = '';
    for (let i = 0; i < count; i += 1) all += request(`/${i}`);
    client.send(all);
    for (let i = 0; i < count; i += 1) expect((await client.response()).body).toBe(`GET /${i} `);
    expect(proxy.upstream.requests).toHaveLength(count);
    expect(proxy.upstream.connections).toHaveLength(1);
  });
});

test('pipelined refusals do not grow the stack', async () => {
  const decide = () => ({ refuse: 'no-route', detail: 'Nothing here.' }) as const;
  await withProxy({ plane: { decide } }, async (proxy) => {
    const client = await proxy.connect();
    const count = 5_000;
    client.send(request('/a').repeat(count));
    for (let i = 0; i < count; i += 1) expect((await client.response()).status).toBe(404);
  });
});

test('requests of any kind in one pipeline, whose answers come late', async () => {
  const script = (message: { method: string; target: string; body: string }) => {
    return (connection: { socket: { write(text: string): void } }) => {
      const body = `${message.method} ${message.target} ${message.body}`;
      setTimeout(
        () =>
          connection.socket.write(
            `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${message.method === 'HEAD' ? '' : body}`,
          ),
        5,
      );
    };
  };
  await withProxy({ script }, async (proxy) => {
    const client = await proxy.connect();
    client.send(
      'POST /1 HTTP/1.1\r\nHost: a.example\r\nContent-Length: 3\r\n\r\none' +
        'HEAD /2 HTTP/1.1\r\nHost: a.example\r\n\r\n' +
        'PUT /3 HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nthree\r\n0\r\n\r\n' +
        'GET /4 HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n' +
        'GET /never HTTP/1.1\r\nHost: a.example\r\n\r\n',
    );
    expect((await client.response()).body).toBe('POST /1 one');
    expect((await client.response('HEAD')).status).toBe(200);
    expect((await client.response()).body).toBe('PUT /3 three');
    expect((await client.response()).body).toBe('GET /4 ');
    expect(await client.closed).toBe('ended');
    expect(client.unread()).toBe('');
    expect(proxy.upstream.requests).toHaveLength(4);
  });
});

test('a client that pipelines without reading is made to wait', async () => {
  const body = 'b'.repeat(100_000);
  const script = () => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  await withProxy({ script }, async (proxy) => {
    const client = await proxy.connect();
    client.socket.pause();
    const count = 2_000;
    client.send(request('/a').repeat(count));
    let before = -1;
    while (proxy.upstream.requests.length !== before) {
      before = proxy.upstream.requests.length;
      await delay(150);
    }
    // The kernel's buffers take some; the proxy itself holds one answer.
    expect(before).toBeLessThan(count / 2);
    client.socket.resume();
    for (let i = 0; i < 200; i += 1) expect((await client.response()).body).toBe(body);
  });
});

test('one client can hold only so many connections, and another still gets in', async () => {
  await withProxy({ limits: { maxConnectionsPerClient: 3 } }, async (proxy) => {
    const held = [await proxy.connect(), await proxy.connect(), await proxy.connect()];
    const over = await proxy.connect();
    const response = await over.response();
    expect(response.status).toBe(503);
    expect(response.all('retry-after')).toEqual(['1']);
    expect(JSON.parse(response.body)).toMatchObject({ code: 'too-many-connections' });
    expect(await over.closed).toBe('ended');
    const other = await connectRaw({ port: proxy.plane.port, localAddress: '127.0.0.2' });
    other.send(request('/b'));
    expect((await other.response()).status).toBe(200);
    other.destroy();
    held[0]?.destroy();
    while ((proxy.plane.connections?.() ?? 0) > 2) await delay(5);
    expect((await proxy.ask(request('/a'))).status).toBe(200);
  });
});

test('connections in all are capped', async () => {
  await withProxy({ limits: { maxConnections: 2 } }, async (proxy) => {
    await proxy.connect();
    await proxy.connect();
    expect((await (await proxy.connect()).response()).status).toBe(503);
    expect(proxy.plane.connections?.()).toBe(2);
  });
});

test('requests that wait for an upstream connection are capped, and do not wait for ever', async () => {
  const upstreamOptions = { maxConnections: 1, maxWaiting: 2, waitTimeoutMs: 200 };
  await withProxy({ script: () => undefined, upstreamOptions }, async (proxy) => {
    const clients = [];
    for (let i = 0; i < 4; i += 1) {
      const client = await proxy.connect();
      client.send(request(`/${i}`));
      clients.push(client);
      await delay(20);
    }
    const refused = await clients[3]?.response();
    expect(refused?.status).toBe(503);
    expect(refused?.all('retry-after')).toEqual(['1']);
    for (const client of clients.slice(1, 3)) expect((await client.response()).status).toBe(503);
    expect(proxy.upstream.requests.map(({ target }) => target)).toEqual(['/0']);
  });
});

test('those who wait are served in their order', async () => {
  const script = (message: { target: string }) => (connection: { socket: { write(text: string): void } }) => {
    setTimeout(
      () => connection.socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n${message.target}`),
      5,
    );
  };
  await withProxy({ script, upstreamOptions: { maxConnections: 2, maxWaiting: 100 } }, async (proxy) => {
    const answers = [];
    for (let i = 0; i < 9; i += 1) {
      const client = await proxy.connect();
      client.send(request(`/${i}`));
      answers.push(client.response());
      await delay(1);
    }
    const bodies = (await Promise.all(answers)).map(({ body }) => body);
    expect(bodies).toEqual(['/0', '/1', '/2', '/3', '/4', '/5', '/6', '/7', '/8']);
    expect(proxy.upstream.requests.map(({ target }) => target)).toEqual(bodies);
    expect(proxy.upstream.connections).toHaveLength(2);
  });
});

test('a client that pipelines refused requests without reading is made to wait too', async () => {
  const decide = () => ({ refuse: 'no-route', detail: 'n'.repeat(5_000) }) as const;
  await withProxy({ plane: { decide } }, async (proxy) => {
    const client = await proxy.connect();
    client.socket.pause();
    const count = 10_000;
    client.send(request('/a').repeat(count));
    let before = -1;
    while (proxy.reports.length !== before) {
      before = proxy.reports.length;
      await delay(150);
    }
    expect(before).toBeLessThan(count / 2);
    client.socket.resume();
    while (proxy.reports.length < count) await delay(10);
  });
});

test('what is pipelined behind a slow answer stays with the client beyond a bound', async () => {
  await withProxy({ script: () => undefined }, async (proxy) => {
    const client = await proxy.connect();
    // One write after the other: several at once would count as taken only when all are.
    let taken = 0;
    const part = Buffer.alloc(100_000, request('/a'));
    const more = (): void => {
      taken += 1;
      if (taken < 150) client.socket.write(part, more);
    };
    client.socket.write(part, more);
    let before = -1;
    while (taken !== before) {
      before = taken;
      await delay(700);
    }
    // The kernel’s buffers take some: 10 MB at most where they are not tuned.
    expect(taken).toBeLessThan(120);
    expect(proxy.upstream.requests).toHaveLength(1);
  });
});
