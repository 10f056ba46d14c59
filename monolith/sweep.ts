import { expireHolds } from './inventory/hold-expiry.ts';
import type { OrderContext } from './orders/context.types.ts';
import { expireOrders } from './orders/expiry.ts';
import { forgetOldKeys } from './orders/idempotency.ts';
import type { PaymentContext } from './payments/context.types.ts';
import { sweepPayments } from './payments/sweep.ts';

/**
 * Ends what ran out and takes up what was left in the middle, a bounded number of each. Nothing depends on when it
 * runs: what matters is checked at its use too. Several monoliths may sweep the same database.
 */
export async function sweep(orders: OrderContext, payments: PaymentContext): Promise<void> {
  await sweepPayments(payments);
  await expireHolds(orders.inventory, { now: orders.now() });
  await expireOrders(orders);
  await forgetOldKeys(orders.models, orders.now());
}
