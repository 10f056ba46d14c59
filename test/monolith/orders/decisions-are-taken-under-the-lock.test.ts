import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { startShop, type Answer, type Shop } from '../shop.ts';

let shop: Shop;
let productId: number;

beforeAll(async () => {
  shop = await startShop();
  productId = await shop.product(100);
});
afterAll(() => shop.stop());

/**
 * Holds the order's lock until `work` has looked at the order and waits for it, then does `meanwhile` under the lock and
 * lets go: the world has changed between the look and the step.
 */
async function overtaken<T>(
  orderId: number,
  { work, meanwhile }: { work: () => Promise<T>; meanwhile: (client: Client) => Promise<unknown> },
): Promise<T> {
  const client = new Client({ connectionString: shop.database.url });
  await client.connect();
  try {
    await client.query('begin');
    await client.query('select from orders where id = $1 for update', [orderId]);
    const result = work();
    const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
    while ((await client.query(waiting)).rowCount === 0) {
      await client.query('select pg_stat_clear_snapshot()');
    }
    await meanwhile(client);
    await client.query('commit');
    return await result;
  } finally {
    await client.end();
  }
}

const place = async (): Promise<number> => (await shop.order([{ productId, quantity: 1 }])).body.id;
const look = (id: number): Promise<Answer> => shop.call('GET', `/orders/${id}`, { as: shop.customer });
const beginPayment = (client: Client, id: number) =>
  client.query(
    `insert into payments (order_id, user_id, attempt, reference, state, amount_cents, currency, lease_until)
     values ($1, $2, 1, $3, 'authorising', 1000, 'EUR', '2100-01-01')`,
    [id, shop.customer.id, `order-${id}-1`],
  );

test('an order whose payment begins just before it is cancelled is not cancelled', async () => {
  const id = await place();
  const answer = await overtaken(id, {
    work: () => shop.call('POST', `/orders/${id}/cancel`, { as: shop.customer }),
    meanwhile: (client) => beginPayment(client, id),
  });
  expect(answer).toMatchObject({ status: 409, body: { code: 'payment-in-progress' } });
  expect((await look(id)).body.state).toBe('pending');
});

test('an order whose payment begins just before it expires does not expire', async () => {
  const id = await place();
  await shop.database.query(`update orders set reserved_until = '2020-01-01' where id = $1`, [id]);
  const answer = await overtaken(id, {
    work: () => look(id),
    meanwhile: (client) => beginPayment(client, id),
  });
  expect(answer.body.state).toBe('pending');
});

test('an order that runs out just before its payment begins is not charged', async () => {
  const id = await place();
  const answer = await overtaken(id, {
    work: () => shop.pay(id, 'tok_ok'),
    meanwhile: (client) =>
      client.query(`update orders set reserved_until = '2020-01-01' where id = $1`, [id]),
  });
  expect(answer).toMatchObject({
    status: 409,
    body: { code: 'wrong-state', detail: 'An order that is expired cannot become paid.' },
  });
  const charges = await shop.database.query('select from simulated_charges where reference like $1', [
    `order-${id}-%`,
  ]);
  expect(charges).toEqual([]);
});

test('of two payments that both saw none before, one begins', async () => {
  const id = await place();
  const answer = await overtaken(id, {
    work: () => shop.pay(id, 'tok_ok'),
    meanwhile: (client) => beginPayment(client, id),
  });
  expect(answer).toMatchObject({ status: 409, body: { code: 'payment-in-progress' } });
});
