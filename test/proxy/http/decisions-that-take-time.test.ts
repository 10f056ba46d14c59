import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import type { Decision } from '#proxy/http/seam.ts';
import { withProxy } from '#test/support/raw-http/with-proxy.ts';

const decision: Decision = { upstream: 'main', route: 'all', reason: 'test' };
const later = async (): Promise<Decision> => {
  await delay(30);
  return decision;
};

test('a decision may be a promise; the body that comes meanwhile is kept', async () => {
  await withProxy({ plane: { decide: later } }, async (proxy) => {
    const client = await proxy.connect();
    client.send('POST /a HTTP/1.1\r\nHost: a.example\r\nContent-Length: 10\r\n\r\nhello');
    await delay(10);
    client.send('world');
    expect((await client.response()).body).toBe('POST /a helloworld');
    client.send('POST /b HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n');
    await delay(60);
    client.send('1\r\n!\r\n0\r\n\r\n');
    expect((await client.response()).body).toBe('POST /b hi!');
  });
});

test('a large body waits for the decision with bounded memory', async () => {
  let decide = (_decision: Decision): void => {};
  const waiting = async (): Promise<Decision> => await new Promise((resolve) => (decide = resolve));
  await withProxy({ plane: { decide: waiting } }, async (proxy) => {
    const client = await proxy.connect();
    const body = 'z'.repeat(9_000_000);
    client.send(`POST /a HTTP/1.1\r\nHost: a.example\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    await delay(100);
    expect(client.socket.writableLength).toBeGreaterThan(0);
    decide(decision);
    expect((await client.response()).body).toBe(`POST /a ${body}`);
  });
});

test('a client that leaves while it is decided is no request', async () => {
  await withProxy({ plane: { decide: later } }, async (proxy) => {
    const client = await proxy.connect();
    client.send('GET /a HTTP/1.1\r\nHost: a.example\r\n\r\n');
    await delay(10);
    client.destroy();
    await proxy.reported(1);
    await delay(50);
    expect(proxy.reports).toHaveLength(1);
    expect(proxy.reports[0]).toMatchObject({ status: 499, decision: undefined });
    expect(proxy.upstream.connections).toHaveLength(0);
  });
});

test('each exchange is decided once and reported once', async () => {
  let decided = 0;
  const decide = () => {
    decided += 1;
    return decision;
  };
  await withProxy({ plane: { decide, serverTiming: true } }, async (proxy) => {
    const client = await proxy.connect();
    for (let i = 0; i < 20; i += 1) {
      client.send('GET /a?b=c HTTP/1.1\r\nHost: a.example\r\nCookie: x=y\r\n\r\n');
      const response = await client.response();
      expect(response.all('server-timing')[0]).toMatch(/^proxy;dur=\d+\.\d$/);
    }
    expect(decided).toBe(20);
    expect(proxy.reports).toHaveLength(20);
    const [report] = proxy.reports;
    expect(report).toMatchObject({
      decision,
      status: 200,
      failure: undefined,
      requestBytes: 0,
      responseBytes: 11,
    });
    expect(report?.head).toMatchObject({
      method: 'GET',
      target: '/a?b=c',
      path: '/a',
      peer: '127.0.0.1',
      trusted: false,
    });
    expect(report?.head.header('cookie')).toBe('x=y');
    expect(report?.durationMs).toBeGreaterThan(0);
    expect(new Set(proxy.reports.map(({ head }) => head.id)).size).toBe(20);
  });
});
