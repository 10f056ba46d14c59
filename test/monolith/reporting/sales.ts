import type { Person, Shop } from '../shop.ts';

export interface Sale {
  readonly as?: Person;
  /** When it was paid: `YYYY-MM-DD HH:MM:SS`, UTC. */
  readonly paidAt: string;
  readonly lines: readonly { readonly productId: number; readonly quantity: number }[];
}

/** Sells through the front door, then moves the payment to another time. Answers the id of the order. */
export async function sell(shop: Shop, { as = shop.customer, paidAt, lines }: Sale): Promise<number> {
  const { body: order } = await shop.order(lines, { as });
  await shop.pay(order.id, 'tok_ok', as);
  await shop.database.query('update orders set paid_at = $2 where id = $1', [order.id, paidAt]);
  return order.id;
}

export async function refund(shop: Shop, orderId: number, amountCents: number): Promise<void> {
  const { body } = await shop.call('GET', `/payments?orderId=${orderId}`, { as: shop.admin });
  const path = `/payments/${body.items[0].id}/refund`;
  await shop.call('POST', path, { as: shop.admin, body: { amountCents } });
}
