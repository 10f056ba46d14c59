import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { orderStates, requireStep, type OrderState } from '#monolith/orders/states.ts';
import { startShop, type Answer, type Shop } from '../shop.ts';

const allowed = new Set([
  'pending → paid',
  'pending → cancelled',
  'pending → expired',
  'paid → shipped',
  'paid → cancelled',
]);
const pairs = orderStates.flatMap((from) => orderStates.map((to) => [from, to] as const));

test.each(pairs)('the table, %s → %s', (from, to) => {
  const attempt = (): unknown => requireStep(from, to);
  if (allowed.has(`${from} → ${to}`)) expect(attempt).not.toThrow();
  else expect(attempt).toThrow(`An order that is ${from} cannot become ${to}.`);
});

describe('over HTTP', () => {
  let shop: Shop;
  let productId: number;

  beforeAll(async () => {
    shop = await startShop();
    productId = await shop.product(100);
  });
  afterAll(() => shop.stop());

  const actions: Readonly<Record<'paid' | 'cancelled' | 'shipped', (id: number) => Promise<Answer>>> = {
    paid: (id) => shop.pay(id, 'tok_ok'),
    cancelled: (id) => shop.call('POST', `/orders/${id}/cancel`, { as: shop.customer }),
    shipped: (id) => shop.call('POST', `/orders/${id}/ship`, { as: shop.admin }),
  };

  async function orderIn(state: OrderState): Promise<number> {
    const { id } = (await shop.order([{ productId, quantity: 1 }])).body as { id: number };
    if (state === 'paid' || state === 'shipped') await actions.paid(id);
    if (state === 'shipped') await actions.shipped(id);
    if (state === 'cancelled') await actions.cancelled(id);
    if (state === 'expired') {
      await shop.database.query(`update orders set reserved_until = '2020-01-01' where id = $1`, [id]);
    }
    return id;
  }

  const steps = orderStates.flatMap((from) =>
    (['paid', 'cancelled', 'shipped'] as const).map((to) => [from, to] as const),
  );
  test.each(steps)('%s → %s', async (from, to) => {
    const id = await orderIn(from);
    const answer = await actions[to](id);
    if (allowed.has(`${from} → ${to}`)) {
      expect(answer).toMatchObject({ status: 200, body: { id, state: to, reservedUntil: null } });
    } else {
      expect(answer).toMatchObject({
        status: 409,
        body: { code: 'wrong-state', detail: expect.stringMatching(`${from} cannot become ${to}`) },
      });
      const now = await shop.call('GET', `/orders/${id}`, { as: shop.customer });
      expect(now.body.state).toBe(from);
    }
  });
});
