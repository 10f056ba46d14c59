import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from '@jest/globals';
import { longTimeout, showProgress } from '#test/support/long-run.ts';
import { withProxy } from '#test/support/raw-http/with-proxy.ts';

/**
 * `SOAK_CONNECTIONS` sets how many connections are made (2,000; `npm run soak` makes 500,000), `SOAK_SECONDS` when to
 * stop before that.
 */
const total = Number(process.env['SOAK_CONNECTIONS'] ?? 2_000);
const within = Number(process.env['SOAK_SECONDS'] ?? Infinity);
/** Bytes that two looks at the memory may differ by for reasons of the engine's own. */
const heapSlack = 16_000_000;
const residentSlack = 150_000_000;
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

interface Footprint {
  readonly heap: number;
  readonly resident: number;
  readonly sockets: number;
}

/** After a full collection, so that only what is held counts. */
function footprint(): Footprint {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: heapUsed + external, resident: rss, sockets: openSockets() };
}

function openSockets(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;
}

const mb = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;
const described = ({ heap, resident, sockets }: Footprint): string => {
  return `heap ${mb(heap)}, resident ${mb(resident)}, ${sockets} sockets`;
};

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
    const plane = { onExchange: () => {} };
    await withProxy({ limits, upstreamOptions, plane }, async (proxy) => {
      const until = performance.now() + within * 1_000;
      const progress = showProgress({
        what: 'connections',
        total,
        within,
        detail: () => {
          const { heapUsed, external, rss } = process.memoryUsage();
          return `, ${described({ heap: heapUsed + external, resident: rss, sockets: openSockets() })}`;
        },
      });
      let started = 0;
      /** Makes connections in lanes, and waits until the proxy has closed its ends. */
      const make = async (upTo: number): Promise<void> => {
        const lane = async (): Promise<void> => {
          while (started < upTo && performance.now() < until) {
            started += 1;
            await oneClient(proxy.plane.port, started);
            progress.step();
          }
        };
        await Promise.all(Array.from({ length: lanes }, lane));
        while ((proxy.plane.connections?.() ?? 0) > 0) await delay(10);
      };
      const cold = footprint();
      // The first quarter, but no more than it takes to warm up, fills pools and caches.
      await make(Math.min(total / 4, 20_000));
      const before = footprint();
      await make(total);
      progress.end();
      expect(proxy.plane.running()).toBe(0);
      const [upstream] = proxy.plane.upstreams?.() ?? [];
      expect(upstream?.waiting).toBe(0);
      expect(upstream?.open).toBe(upstream?.idle);
      expect(upstream?.open).toBeLessThanOrEqual(100);
      // Our ends and the upstream's ends of the kept connections are all that is left.
      while (openSockets() > (upstream?.open ?? 0) * 2) await delay(10);
      expect((await proxy.ask(get)).body).toBe('ok');
      const after = footprint();
      if (process.env['SHOW_PROGRESS'] !== undefined)
        process.stderr.write(
          `at the start: ${described(cold)}\nwarm:         ${described(before)}\nat the end:   ${described(after)}\n`,
        );
      expect(after.heap).toBeLessThan(before.heap + heapSlack);
      expect(after.resident).toBeLessThan(before.resident + residentSlack);
    }).finally(() => {
      server.close();
      for (const socket of open) socket.destroy();
    });
  },
  longTimeout(total),
);
