import { QueryTypes } from 'sequelize';
import type { OrderContext } from './context.types.ts';
import { hasLivePayment } from './live-payment.ts';
import { lockOrder, stepOrder } from './step.ts';

/** The most that one call looks at. */
const batch = 100;

export interface ExpireOptions {
  /** Only these orders. */
  readonly orderIds?: readonly number[];
  /** Only orders that hold stock of these products. */
  readonly productIds?: readonly number[];
}

/**
 * Expires unpaid orders whose reservation ran out and frees their stock, each in a transaction of its own (two orders
 * in one would take their stock locks out of order). An order whose payment is under way is left to the payment.
 * @returns how many had run out, at most 100: expired now, or by somebody else meanwhile
 */
export async function expireOrders(
  context: Pick<OrderContext, 'models' | 'inventory' | 'now'>,
  options: ExpireOptions = {},
): Promise<number> {
  const overdue = await findOverdue(context, options);
  for (const id of overdue) await expireOne(context, id);
  return overdue.length;
}

async function findOverdue(
  context: Pick<OrderContext, 'models' | 'now'>,
  { orderIds, productIds }: ExpireOptions,
): Promise<number[]> {
  const rows = await context.models.sequelize.query<{ id: number }>(
    `select o.id from orders o
      where o.state = 'pending' and o.reserved_until <= :now
        ${orderIds === undefined ? '' : 'and o.id in (:orderIds)'}
        ${productIds === undefined ? '' : 'and exists (select from order_lines l where l.order_id = o.id and l.product_id in (:productIds))'}
        and not exists (select from payments p where p.order_id = o.id and p.state in ('authorising', 'authorised'))
      order by o.reserved_until limit ${batch}`,
    { replacements: { now: context.now(), orderIds, productIds }, type: QueryTypes.SELECT },
  );
  return rows.map((row) => row.id);
}

async function expireOne(
  context: Pick<OrderContext, 'models' | 'inventory' | 'now'>,
  id: number,
): Promise<void> {
  await context.models.sequelize.transaction(async (transaction) => {
    const scope = { context, transaction };
    const order = await lockOrder(scope, id);
    // Only now nobody else can pay, cancel or expire it.
    if (order.state === 'pending' && !(await hasLivePayment(scope, id))) {
      await stepOrder(scope, order, 'expired');
    }
  });
}
