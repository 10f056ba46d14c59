import { QueryTypes } from 'sequelize';
import type { OrderScope } from './context.types.ts';

/**
 * Whether a payment of this order is under way, so that its money may already be taken. The order must be locked: new
 * payments begin under its lock.
 */
export async function hasLivePayment(
  { context, transaction }: OrderScope,
  orderId: number,
): Promise<boolean> {
  const rows = await context.models.sequelize.query(
    `select 1 from payments where order_id = :orderId and state in ('authorising', 'authorised') limit 1`,
    { replacements: { orderId }, type: QueryTypes.SELECT, transaction },
  );
  return rows.length > 0;
}
