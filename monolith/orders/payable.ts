import type { PayableOrders } from '#monolith/payments/payable-orders.types.ts';
import type { OrderContext } from './context.types.ts';
import { requireStep } from './states.ts';
import { lockOrder, stepOrder } from './step.ts';

/** The orders as payments see them. */
export function payableOrders(context: Pick<OrderContext, 'models' | 'inventory' | 'now'>): PayableOrders {
  return {
    async lock(transaction, orderId) {
      const scope = { context, transaction };
      const order = await lockOrder(scope, orderId);
      return {
        userId: order.userId,
        totalCents: order.totalCents,
        currency: order.currency,
        requirePayable() {
          const ranOut =
            order.state === 'pending' && order.reservedUntil !== null && order.reservedUntil <= context.now();
          requireStep(ranOut ? 'expired' : order.state, 'paid');
        },
        markPaid: () => stepOrder(scope, order, 'paid'),
      };
    },
  };
}
