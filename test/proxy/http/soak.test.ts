import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { withProxy } from '#test/support/raw-http/with-proxy.ts';

/** `SOAK_CONNECTIONS` sets how many connections are made (2,000; `npm run soak` makes 500,000). */
const total = Number(process.env['SOAK_CONNECTIONS'] ?? 2_000);
const lanes = 50;

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const get = 'GET /ok HTTP/1.1\r\nHost: a.example\r\n\r\n';
const post = 'POST /ok HTTP/1.1\r\nHost: a.example\r\nContent-Length: 100\r\n\r\n';

/** What a client sends, and what it does before the answer; each kind leaves the proxy in another state. */
const kinds: readonly { readonly bytes: string; readonly leave: 'answer' | 'end' | 'reset' | 'silence' }[] = [
  { bytes: get, leave: 'answer' },
  { bytes: get, leave: 'reset' },
  { bytes: get.replace('/ok', '/slow'), leave: 'reset' },
  { bytes: get.replace('/ok', '/cut'), leave: 'answer' },
  { bytes: get.replace('/ok', '/reset'), leave: 'answer' },
  { bytes: get.replace('/ok', '/half'), leave: 'end' },
  { bytes: get.slice(0, 20), leave: 'end' },
  { bytes: get.slice(0, 20), leave: 'reset' },
  { bytes: post, leave: 'reset' },
  { bytes: `${post}${'x'.repeat(50)}`, leave: 'end' },
  { bytes: get.repeat(20), leave: 'reset' },
  { bytes: 'nonsense\r\n\r\n', leave: 'answer' },
  { bytes: '', leave: 'reset' },
  { bytes: get.slice(0, 30), leave: 'silence' },
];

/** An upstream that keeps no record, so that what grows is the proxy's. */
function answer(socket: Socket, head: string): void {
  if (head.startsWith('GET /cut')) socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx');
  else if (head.startsWith('GET /reset')) socket.resetAndDestroy();
  else if (head.startsWith('GET /half')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx');
  else if (!head.startsWith('GET /slow')) socket.write(ok);
}

async function oneClient(port: number, index: number): Promise<void> {
  const kind = kinds[index % kinds.length] as (typeof kinds)[number];
  const socket = connect({ port, host: '127.0.0.1' });
  socket.on('error', () => {});
  const closed = new Promise((resolve) => socket.on('close', resolve));
  await once(socket, 'connect');
  const answered = new Promise((resolve) => socket.once('data', resolve));
  socket.write(kind.bytes);
  if (kind.leave === 'answer') await Promise.race([answered, closed]);
  else if (kind.leave === 'silence') socket.resume();
  else await delay(index % 5);
  if (kind.leave === 'reset') socket.resetAndDestroy();
  else if (kind.leave === 'end') {
    socket.resume();
    socket.end();
  } else if (kind.leave === 'answer') socket.destroy();
  await closed;
}

test(
  `${total} aborted, slow and reset connections leave nothing behind`,
  async () => {
    const limits = { headerTimeoutMs: 200, maxConnections: 500 };
    const open = new Set<Socket>();
    const server = createServer((socket) => {
      open.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => open.delete(socket));
      socket.on('data', (chunk) => answer(socket, chunk.toString('latin1')));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const upstreamOptions = { url, maxConnections: 100, maxWaiting: 500, headerTimeoutMs: 2_000 };
    const reports: number[] = [];
    const plane = {
      onExchange: (report: { status: number }) => reports.push(report.status) > 1_000 && (reports.length = 0),
    };
    await withProxy({ limits, upstreamOptions, plane }, async (proxy) => {
      const sockets = (): number =>
        process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;
      await oneClient(proxy.plane.port, 0);
      let next = 0;
      let heap = 0;
      const lane = async (): Promise<void> => {
        while (next < total) {
          next += 1;
          if (next === Math.floor(total / 4)) heap = process.memoryUsage().heapUsed;
          await oneClient(proxy.plane.port, next);
        }
      };
      await Promise.all(Array.from({ length: lanes }, lane));
      while ((proxy.plane.connections?.() ?? 0) > 0) await delay(10);
      expect(proxy.plane.running()).toBe(0);
      const [upstream] = proxy.plane.upstreams?.() ?? [];
      expect(upstream?.waiting).toBe(0);
      expect(upstream?.open).toBe(upstream?.idle);
      expect(upstream?.open).toBeLessThanOrEqual(100);
      // Our ends and the upstream's ends of the kept connections are all that is left.
      while (sockets() > (upstream?.open ?? 0) * 2) await delay(10);
      expect((await proxy.ask(get)).body).toBe('ok');
      expect(process.memoryUsage().heapUsed).toBeLessThan(heap + 100_000_000);
    }).finally(() => {
      server.close();
      for (const socket of open) socket.destroy();
    });
  },
  Math.max(60_000, total * 5),
);
