import { askProvider } from './ask-provider.ts';
import { conclude, stopAsUnknown } from './conclude.ts';
import type { PaymentContext } from './context.types.ts';
import { paymentDeclined, paymentInProgress } from './failures.ts';
import { leaseEnd } from './lease.ts';
import type { PaymentRow } from './payment-model.ts';
import { settle } from './settle.ts';
import { liveStates } from './states.ts';

export interface PayOptions {
  readonly orderId: number;
  /** Names the customer's card at the provider. */
  readonly methodToken: string;
}

/**
 * Pays an order: (1) what became of an earlier attempt, if one is unsettled; (2) write the attempt down; (3) ask the
 * provider to hold the money; (4) take it and mark the order paid. The provider is never asked inside a transaction.
 * @throws Problem 402 `payment-declined`; 409 `wrong-state`, `payment-in-progress`; 504 `payment-timeout`
 */
export async function pay(context: PaymentContext, options: PayOptions): Promise<void> {
  const earlier = await settle(context, { orderId: options.orderId, intent: 'take' });
  if (earlier?.state === 'captured') return;
  const payment = await beginAttempt(context, options.orderId);
  const { reference, amountCents, currency } = payment;
  const held = await askProvider(context, (signal) =>
    context.provider.authorise(
      { reference, amountCents, currency, methodToken: options.methodToken },
      signal,
    ),
  );
  if (held === undefined) return stopAsUnknown(context, payment);
  const outcome = await conclude(context, payment, held.answer);
  if (outcome.state === 'failed') throw paymentDeclined(outcome.failure);
}

/** Under the order's lock, so that one attempt at a time begins, and none once the order is paid or gone. */
function beginAttempt(context: PaymentContext, orderId: number): Promise<PaymentRow> {
  const { sequelize, payment } = context.models;
  return sequelize.transaction(async (transaction) => {
    const order = await context.orders.lock(transaction, orderId);
    order.requirePayable();
    const earlier = await payment.findAll({ where: { orderId }, transaction });
    if (earlier.some((row) => liveStates.some((state) => state === row.state))) throw paymentInProgress();
    const attempt = earlier.length + 1;
    const now = context.now();
    return payment.create(
      {
        orderId,
        userId: order.userId,
        attempt,
        reference: `order-${orderId}-${attempt}`,
        state: 'authorising',
        amountCents: order.totalCents,
        currency: order.currency,
        leaseUntil: leaseEnd(context),
        createdAt: now,
        updatedAt: now,
      },
      { transaction },
    );
  });
}
