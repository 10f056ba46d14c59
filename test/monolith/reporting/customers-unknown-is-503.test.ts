import { afterEach, expect, test } from '@jest/globals';
import { remoteCustomers } from '#monolith/reporting/customers/remote-customers.ts';
import { freePort } from '#shared/postgres/embedded.ts';
import { sendJson, startStandIn, type Respond, type StandIn } from '../auth-delegation/stand-in.ts';
import { startShop } from '../shop.ts';
import { sell } from './sales.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function standIn(respond: Respond): Promise<StandIn> {
  const service = await startStandIn(respond);
  closing.push(() => service.stop());
  return service;
}

async function ask(url: string, ids: readonly number[] = [7], timeoutMs = 5_000): Promise<unknown> {
  const customers = remoteCustomers({ url, timeoutMs });
  closing.push(() => customers.close());
  return customers.named(ids, 'some-token').then(
    (found) => [...found],
    (error: unknown) => error,
  );
}

const idOf = (url: string | undefined): number => Number(/^\/users\/(\d+)$/.exec(url ?? '')?.[1]);
const unavailable = {
  name: 'Problem',
  status: 503,
  code: 'customers-unavailable',
  headers: { 'Retry-After': '1' },
};

test('while the user-service does not listen, the report is 503; an empty one needs nobody', async () => {
  const url = `http://127.0.0.1:${await freePort()}`;
  const shop = await startShop({ customers: { kind: 'remote', url } });
  closing.push(() => shop.stop());
  const productId = await shop.product(1);
  await sell(shop, { paidAt: '2026-03-01 10:00:00', lines: [{ productId, quantity: 1 }] });
  const report = (from: string) =>
    shop.call('GET', `/reports/orders-by-customer?from=${from}`, { as: shop.admin });
  const answer = await report('2026-03-01');
  expect(answer).toMatchObject({ status: 503, body: { code: 'customers-unavailable' } });
  expect(answer.headers['retry-after']).toBe('1');
  expect((await report('2026-04-01')).body.items).toEqual([]);
  expect((await shop.call('GET', '/reports/revenue', { as: shop.admin })).status).toBe(200);
});

test.each([
  ['401', (response) => sendJson(response, { code: 'not-authenticated' }, 401)],
  ['503', (response) => sendJson(response, { code: 'database-busy' }, 503)],
  ['302', (response) => void response.writeHead(302, { location: '/elsewhere' }).end()],
  ['404 of another kind', (response) => sendJson(response, { code: 'not-found' }, 404)],
  ['404 that is no problem', (response) => void response.writeHead(404).end('<html>')],
  ['another user', (response) => sendJson(response, { id: 8, name: 'Eve', email: 'eve@example.com' })],
  ['no name', (response) => sendJson(response, { id: 7, email: 'ada@example.com' })],
  ['more than it may be', (response) => void response.end(`"${'x'.repeat(100_000)}"`)],
] satisfies [string, Respond][])('an answer with %s names nobody', async (_name, respond) => {
  const service = await standIn(respond);
  const error = await ask(service.url);
  expect(error).toMatchObject(unavailable);
  expect(service.asked).toHaveLength(1);
  expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('some-token');
});

test('a service that hangs costs no more than the time-out, for all customers together', async () => {
  const service = await standIn((response, request) => {
    if (idOf(request.url) < 3) sendJson(response, { id: idOf(request.url), name: 'A', email: 'a@b.c' });
  });
  expect(await ask(service.url, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], 200)).toMatchObject(unavailable);
  expect(service.asked.length).toBeLessThanOrEqual(10);
});

test('the first failure ends the asking', async () => {
  const service = await standIn((response, _request, turn) => {
    if (turn === 8) sendJson(response, {}, 500);
  });
  const ids = Array.from({ length: 100 }, (_, index) => index + 1);
  expect(await ask(service.url, ids)).toMatchObject(unavailable);
  expect(service.asked).toHaveLength(8);
});

test('each is asked for once, with the caller’s token, eight at a time at most', async () => {
  let running = 0;
  let most = 0;
  const service = await standIn((response, request) => {
    most = Math.max(most, ++running);
    setImmediate(() => {
      running--;
      const id = idOf(request.url);
      if (id % 2 === 0) sendJson(response, { code: 'user-not-found' }, 404);
      else sendJson(response, { id, name: `N${id}`, email: `${id}@example.com`, role: 'customer' });
    });
  });
  const ids = Array.from({ length: 100 }, (_, index) => index + 1);
  const found = new Map((await ask(service.url, ids)) as [number, unknown][]);
  expect(found.size).toBe(100);
  expect(found.get(99)).toEqual({ name: 'N99', email: '99@example.com' });
  expect(found.get(100)).toEqual({ name: 'Closed account', email: 'closed-100@invalid' });
  expect(service.asked.map(({ path }) => path).toSorted()).toEqual(
    ids.map((id) => `GET /users/${id}`).toSorted(),
  );
  expect(new Set(service.asked.map(({ authorization }) => authorization))).toEqual(
    new Set(['Bearer some-token']),
  );
  expect(most).toBeLessThanOrEqual(8);
  expect(service.connections()).toBeLessThanOrEqual(8);
});

test('a connection that is lost is tried once more', async () => {
  const service = await standIn((response, request, turn) => {
    if (turn === 1) request.socket.resetAndDestroy();
    else sendJson(response, { id: 7, name: 'Ada', email: 'ada@example.com' });
  });
  expect(await ask(service.url)).toEqual([[7, { name: 'Ada', email: 'ada@example.com' }]]);
  expect(service.asked).toHaveLength(2);
});
