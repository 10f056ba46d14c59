import type { Payments } from '#monolith/payments/payments.ts';
import type { OrderContext } from './context.types.ts';
import { paymentInProgress } from '#monolith/payments/failures.ts';
import { hasLivePayment } from './live-payment.ts';
import { requireStep } from './states.ts';
import { lockOrder, stepOrder } from './step.ts';

/**
 * Cancels an order. A pending one frees its stock, after a payment whose outcome is unknown was called off. A paid one
 * puts its stock back and gets back what is left of its money: the refund is written down in the same transaction, and
 * sent after it (again and again by the sweep, if the provider does not answer now).
 * @throws Problem 409 `wrong-state`; 409 `payment-in-progress`; 504 `payment-timeout` when the provider could not be
 *   asked about an earlier payment
 */
export async function cancelOrder(
  context: OrderContext,
  options: { readonly payments: Payments; readonly orderId: number },
): Promise<void> {
  const { payments, orderId } = options;
  await payments.settle(orderId, 'call-off');
  const refundId = await context.models.sequelize.transaction(async (transaction) => {
    const scope = { context, transaction };
    const order = await lockOrder(scope, orderId);
    requireStep(order.state, 'cancelled');
    if (await hasLivePayment(scope, orderId)) throw paymentInProgress();
    const refund = order.state === 'paid' ? await payments.promiseRest(transaction, orderId) : undefined;
    await stepOrder(scope, order, 'cancelled');
    return refund;
  });
  if (refundId !== undefined) await payments.sendRefund(refundId);
}
