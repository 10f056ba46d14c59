import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { expectRefused } from '#test/support/raw-http/oracle.ts';
import { withProxy } from '#test/support/raw-http/with-proxy.ts';

const start = 'GET /a HTTP/1.1\r\nHost: a.example\r\n';
const post = 'POST /a HTTP/1.1\r\nHost: a.example\r\n';

test.each([
  { name: 'half a head', bytes: `${start}A: b` },
  { name: 'half a request line', bytes: 'GET /a' },
  { name: 'empty lines alone', bytes: '\r\n\r\n' },
])('a head that does not come in time is a 408: $name', async (payload) => {
  await expectRefused(payload, 408, { limits: { headerTimeoutMs: 100 } });
});

test('a head that drips one byte at a time does not win time', async () => {
  await withProxy({ limits: { headerTimeoutMs: 150 } }, async (proxy) => {
    const client = await proxy.connect();
    let closed = false;
    void client.closed.then(() => (closed = true));
    for (const byte of `${start}X-Drip: ${'y'.repeat(500)}`) {
      if (closed) break;
      client.send(byte);
      await delay(10);
    }
    expect((await client.response()).status).toBe(408);
    expect(proxy.upstream.connections).toHaveLength(0);
  });
});

test.each([
  { name: 'gathered', head: 'Content-Length: 100', part: 'x' },
  { name: 'streamed', head: 'Content-Length: 100000', part: 'x' },
  { name: 'chunked', head: 'Transfer-Encoding: chunked', part: '1\r\nx\r\n' },
])(
  'a body that does not come in time is a 408, and the upstream sees no end of it: $name',
  async ({ head, part }) => {
    await withProxy({ limits: { requestTimeoutMs: 150 } }, async (proxy) => {
      const client = await proxy.connect();
      client.send(`${post}${head}\r\n\r\n${part}`);
      const response = await client.response('POST');
      expect(response.status).toBe(408);
      expect(await client.closed).toBe('ended');
      expect(proxy.upstream.requests).toHaveLength(0);
      for (const connection of proxy.upstream.connections) {
        await proxy.upstream.until(() => connection.closed);
      }
      expect(proxy.reports[0]).toMatchObject({ status: 408, failure: 'client-timeout' });
    });
  },
);

test('a connection that is never used, and one that idles, are closed without a word', async () => {
  await withProxy({ limits: { headerTimeoutMs: 100, idleTimeoutMs: 100 } }, async (proxy) => {
    const unused = await proxy.connect();
    const used = await proxy.connect();
    used.send(`${start}\r\n`);
    expect((await used.response()).status).toBe(200);
    await Promise.all([unused.closed, used.closed]);
    expect(unused.unread() + used.unread()).toBe('');
    expect(proxy.plane.connections?.()).toBe(0);
  });
});

test('a client that does not take its answer is cut, and the upstream with it', async () => {
  const script = () => `HTTP/1.1 200 OK\r\nContent-Length: 50000000\r\n\r\n${'z'.repeat(20_000_000)}`;
  await withProxy({ script, limits: { sendTimeoutMs: 200 } }, async (proxy) => {
    const client = await proxy.connect();
    client.socket.pause();
    client.send(`${start}\r\n`);
    await proxy.reported(1);
    expect(proxy.reports[0]).toMatchObject({ status: 499, failure: 'client-timeout' });
    expect(proxy.reports[0]?.responseBytes).toBeLessThan(19_000_000);
    await proxy.upstream.until(({ connections }) => connections[0]?.closed === true);
  });
});

test.each([
  { name: 'one long value', bytes: `${start}A: ${'b'.repeat(5_000)}\r\n\r\n` },
  { name: 'a long target', bytes: `GET /${'a'.repeat(5_000)} HTTP/1.1\r\nHost: a.example\r\n\r\n` },
  { name: 'no end', bytes: `${start}A: ${'b'.repeat(5_000)}` },
  { name: 'many fields', bytes: `${start}${'A: b\r\n'.repeat(101)}\r\n` },
])('a head beyond its cap is a 431: $name', async (payload) => {
  await expectRefused(payload, 431, { limits: { maxHeaderBytes: 4_096 } });
});

test('a chunked body beyond its cap is a 413 as soon as it is seen', async () => {
  await withProxy({ limits: { maxBodyBytes: 1_000 } }, async (proxy) => {
    const client = await proxy.connect();
    client.send(`${post}Transfer-Encoding: chunked\r\n\r\n`);
    for (let i = 0; i < 11; i += 1) client.send(`64\r\n${'x'.repeat(100)}\r\n`);
    expect((await client.response('POST')).status).toBe(413);
    expect(await client.closed).toBe('ended');
    expect(proxy.upstream.requests).toHaveLength(0);
    expect(proxy.reports[0]).toMatchObject({ status: 413, failure: 'client-body-too-large' });
  });
});

test.each([
  { name: 'in one', body: `1;${'e'.repeat(40_000)}\r\nx\r\n0\r\n\r\n` },
  { name: 'in many', body: `${`1;${'e'.repeat(400)}\r\nx\r\n`.repeat(200)}0\r\n\r\n` },
  { name: 'in leading zeros', body: `${'0'.repeat(40_000)}1\r\nx\r\n0\r\n\r\n` },
  { name: 'in trailers', body: `1\r\nx\r\n0\r\n${'T: railer\r\n'.repeat(5_000)}\r\n` },
])('chunk framing without content is capped (CVE-2024-22019): $name', async ({ body }) => {
  await withProxy({}, async (proxy) => {
    const client = await proxy.connect();
    client.send(`${post}Transfer-Encoding: chunked\r\n\r\n${body}`);
    expect([400, 413]).toContain((await client.response('POST')).status);
    expect(await client.closed).toBe('ended');
    expect(proxy.upstream.requests).toHaveLength(0);
  });
});

test('a body of one-byte chunks is slow but sound', async () => {
  await withProxy({}, async (proxy) => {
    const body = 'abcdefghij'.repeat(1_000);
    const chunks = body
      .split('')
      .map((byte) => `1\r\n${byte}\r\n`)
      .join('');
    const response = await proxy.ask(`${post}Transfer-Encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`);
    expect(response.body).toBe(`POST /a ${body}`);
  });
});
