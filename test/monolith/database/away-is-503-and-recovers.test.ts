import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { startShop, type Shop } from '../shop.ts';

let shop: Shop;
let wire: Wire;
let productId: number;

beforeAll(async () => {
  wire = await layWire();
  shop = await startShop((databaseUrl) => ({ databaseUrl: wire.to(databaseUrl) }));
  productId = await shop.product(10);
});
afterAll(async () => {
  await shop.stop();
  await wire.cut();
});

const health = () => shop.call('GET', '/healthz');

test('while the database is away, each request is 503; once it is back, all go on', async () => {
  expect(await health()).toMatchObject({ status: 200, body: { status: 'ok' } });
  await wire.cut();
  const answers = await Promise.all([
    health(),
    shop.call('GET', '/products', { as: shop.admin }),
    shop.order([{ productId, quantity: 1 }]),
    shop.call('GET', '/reports/revenue', { as: shop.admin }),
  ]);
  for (const answer of answers) {
    expect(answer).toMatchObject({
      status: 503,
      headers: { 'retry-after': '5', 'content-type': 'application/problem+json; charset=utf-8' },
      body: { code: 'database-unavailable' },
    });
    expect(answer.text).not.toMatch(/postgres|ECONN|127\.0\.0\.1/);
  }
  await wire.mend();
  expect((await health()).status).toBe(200);
  expect((await shop.order([{ productId, quantity: 1 }])).status).toBe(201);
});

test('a connection that breaks under a transaction takes nothing with it', async () => {
  const before = await shop.stock(productId);
  const orders = Array.from({ length: 8 }, () => shop.order([{ productId, quantity: 1 }]));
  await wire.breakAll();
  const answers = await Promise.all(orders);
  expect(answers.map(({ status }) => status).filter((status) => status !== 201 && status !== 503)).toEqual(
    [],
  );
  expect((await health()).status).toBe(200);
  const placed = await shop.database.query<{ n: number }>(
    `select coalesce(sum(quantity), 0)::int as n from order_lines l join orders o on o.id = l.order_id
      where l.product_id = $1 and o.state = 'pending'`,
    [productId],
  );
  const after = await shop.stock(productId);
  expect(after.reserved).toBe(placed[0]?.n);
  expect(after.reserved).toBeGreaterThanOrEqual(before.reserved);
});

interface Wire {
  /** The same database through this wire. */
  to(databaseUrl: string): string;
  cut(): Promise<void>;
  mend(): Promise<void>;
  /** Breaks all connections; new ones can be made. */
  breakAll(): Promise<void>;
}

/** A TCP relay between the monolith and PostgreSQL that the test cuts. */
async function layWire(): Promise<Wire> {
  const sockets = new Set<Socket>();
  let target = { host: '', port: 0 };
  let server: Server | undefined;
  const listen = async (port: number): Promise<number> => {
    server = createServer((inner) => {
      const outer = connect(target);
      for (const socket of [inner, outer]) {
        sockets.add(socket);
        socket
          .on('error', () => undefined)
          .on('close', () => {
            sockets.delete(socket);
            inner.destroy();
            outer.destroy();
          });
      }
      inner.pipe(outer).pipe(inner);
    }).listen(port, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  const port = await listen(0);
  const breakAll = async (): Promise<void> => {
    await Promise.all(
      [...sockets].map(async (socket) => {
        const closed = socket.closed ? undefined : once(socket, 'close');
        socket.destroy();
        await closed;
      }),
    );
  };
  return {
    to(databaseUrl) {
      const url = new URL(databaseUrl);
      target = { host: url.hostname, port: Number(url.port) };
      url.port = String(port);
      return url.href;
    },
    breakAll,
    async cut() {
      const closed = server?.listening === true ? once(server, 'close') : undefined;
      server?.close();
      await breakAll();
      await closed;
    },
    mend: () => listen(port).then(() => undefined),
  };
}
