import { afterEach, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { request } from 'undici';
import { freePort } from '#shared/postgres/embedded.ts';
import { sendRaw, startPlane, type TestPlane } from '#test/support/data-plane.ts';

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** An upstream that speaks raw bytes. */
async function rawUpstream(onRequest: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).once('data', () => onRequest(socket));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  stops.push(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function plane(url: string, upstream = {}): Promise<TestPlane> {
  const proxy = await startPlane({ upstreams: { one: url }, upstream });
  stops.unshift(() => proxy.stop());
  return proxy;
}

async function problemOf(proxy: TestPlane): Promise<{ status: number; code: unknown }> {
  const response = await request(proxy.url);
  const body = (await response.body.json()) as { code: unknown };
  return { status: response.statusCode, code: body.code };
}

test('nobody listens: 502', async () => {
  const proxy = await plane(`http://127.0.0.1:${await freePort()}`);
  expect(await problemOf(proxy)).toEqual({ status: 502, code: 'upstream-unreachable' });
});

test('a reset before the answer: 502', async () => {
  const proxy = await plane(await rawUpstream((socket) => socket.resetAndDestroy()));
  expect(await problemOf(proxy)).toEqual({ status: 502, code: 'upstream-closed' });
});

test('no answer in time: 504', async () => {
  const proxy = await plane(await rawUpstream(() => undefined), { headerTimeoutMs: 200 });
  expect(await problemOf(proxy)).toEqual({ status: 504, code: 'upstream-header-timeout' });
});

test('an answer that is no HTTP: 502', async () => {
  const proxy = await plane(await rawUpstream((socket) => socket.write('nonsense\r\n\r\n')));
  expect(await problemOf(proxy)).toEqual({ status: 502, code: 'upstream-malformed' });
});

test('too many requests waiting: 503 with Retry-After', async () => {
  const proxy = await plane(await rawUpstream(() => undefined), {
    maxConnections: 1,
    maxWaiting: 1,
    headerTimeoutMs: 600,
  });
  const first = [request(proxy.url), request(proxy.url)];
  while (proxy.plane.running() < 2) await delay(5);
  const third = await request(proxy.url);
  expect(third.statusCode).toBe(503);
  expect(third.headers['retry-after']).toBe('1');
  await third.body.dump();
  for (const response of await Promise.all(first)) await response.body.dump();
});

test('an upstream that dies in the middle of the body: the client sees a broken answer, never a clean end', async () => {
  const proxy = await plane(
    await rawUpstream((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf', () => socket.destroy());
    }),
  );
  const answer = await sendRaw(proxy.plane.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  expect(answer).not.toContain('problem+json');
  expect(answer.endsWith('half') || answer === '').toBe(true);
  while (proxy.reports.length === 0) await delay(5);
  expect(proxy.reports[0]).toMatchObject({ failure: 'upstream-closed' });
});

test('a client that leaves: the upstream is aborted and 499 counted', async () => {
  const gone: Promise<unknown>[] = [];
  const proxy = await plane(
    await rawUpstream((socket) => {
      gone.push(once(socket, 'close'));
      client.destroy();
    }),
  );
  const client = connect(proxy.plane.port, '127.0.0.1');
  client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await once(client, 'close');
  while (gone.length === 0) await delay(5);
  await Promise.all(gone);
  while (proxy.reports.length === 0) await delay(5);
  expect(proxy.reports[0]).toMatchObject({ status: 499, failure: 'client-aborted' });
});
