import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { startShop, type Answer, type Shop } from '../shop.ts';

const seed = 20_261_124;
const delivered = 40;
let shop: Shop;
let products: number[];

beforeAll(async () => {
  shop = await startShop();
  products = await Promise.all(Array.from({ length: 4 }, () => shop.product(delivered, { priceCents: 100 })));
});
afterAll(() => shop.stop());

const at = fc.nat({ max: 3 });
const visit = fc.record({
  lines: fc.array(fc.record({ product: at, quantity: fc.integer({ min: 1, max: 3 }) }), {
    minLength: 1,
    maxLength: 4,
  }),
  pays: fc.constantFrom('tok_ok', 'tok_duplicate', 'tok_declined', undefined),
  next: fc.constantFrom('cancel', 'ship', 'refund', 'nothing'),
});
type Visit = typeof visit extends fc.Arbitrary<infer T> ? T : never;

test('whatever 80 customers do at once, stock, reservations, orders and money agree', async () => {
  const visits = fc.sample(visit, { seed, numRuns: 80 });
  const statuses = new Set<number>();
  const sweeps = [1, 2, 3].map(() => shop.monolith.sweep());
  await Promise.all(visits.map((each) => go(each, (answer) => statuses.add(answer.status))));
  await Promise.all(sweeps);
  expect([...statuses].toSorted((a, b) => a - b)).toEqual([200, 201, 402, 409]);
  await balance();

  shop.passTime(15 * 60 * 1_000);
  await shop.monolith.sweep();
  await balance();
  expect(await rows(`select id from orders where state = 'pending'`)).toEqual([]);
  expect(await rows('select product_id from stock where reserved <> 0')).toEqual([]);
});

async function go({ lines, pays, next }: Visit, seen: (answer: Answer) => void): Promise<void> {
  const placed = await shop.order(
    lines.map(({ product, quantity }) => ({ productId: products[product] ?? 0, quantity })),
  );
  seen(placed);
  if (placed.status !== 201) return;
  const { id } = placed.body as { id: number };
  if (pays !== undefined) seen(await shop.pay(id, pays));
  if (next === 'cancel') seen(await shop.call('POST', `/orders/${id}/cancel`, { as: shop.customer }));
  if (next === 'ship') seen(await shop.call('POST', `/orders/${id}/ship`, { as: shop.admin }));
  if (next === 'refund') {
    const { body } = await shop.call('GET', `/payments?orderId=${id}`, { as: shop.admin });
    const path = `/payments/${body.items[0]?.id ?? 0}/refund`;
    const answer = await shop.call('POST', path, { as: shop.admin, body: { amountCents: 50 } });
    if (answer.status !== 404) seen(answer);
  }
}

const rows = (sql: string): Promise<unknown[]> => shop.database.query(sql);

/** Each statement lists what does not agree. */
async function balance(): Promise<void> {
  const disagreements = {
    'stock is what was delivered, less what is consumed; reserved is what is active': `
      select s.* from stock s left join lateral (
        select coalesce(sum(quantity) filter (where state = 1), 0) as active,
               coalesce(sum(quantity) filter (where state = 2), 0) as consumed
          from reservations r where r.product_id = s.product_id) as r on true
       where s.reserved <> r.active or s.on_hand <> ${delivered} - r.consumed`,
    'the reservations of an order are where the order is': `
      select o.id, o.state, r.state from orders o
        join order_lines l on l.order_id = o.id join reservations r on r.id = l.reservation_id
       where r.state not in (select unnest(case o.state
         when 'pending' then '{1}'::int[] when 'paid' then '{2}' when 'shipped' then '{2}'
         when 'cancelled' then '{3,5}' else '{4}' end))`,
    'an order is paid iff its money was captured, and a cancelled one keeps none': `
      select o.id, o.state, p.state from orders o left join payments p on p.order_id = o.id and p.state <> 'failed'
       where (o.state in ('paid', 'shipped') and (p.state is distinct from 'captured' or p.amount_cents <> o.total_cents))
          or (o.state = 'cancelled' and p.captured_cents is distinct from p.refunded_cents)
          or (o.state in ('pending', 'expired') and p.id is not null)`,
    'the provider took and gave back what our books say': `
      select p.id from payments p
        left join simulated_charges c on c.reference = p.reference
        left join lateral (select coalesce(sum(amount_cents), 0) as cents from simulated_refunds
          where charge_reference = p.reference) as r on true
       where p.captured_cents <> (case when c.state = 'captured' then c.amount_cents else 0 end)
          or p.refunded_cents <> r.cents`,
  };
  for (const [rule, sql] of Object.entries(disagreements)) {
    expect({ rule, disagree: await rows(sql) }).toEqual({ rule, disagree: [] });
  }
}
