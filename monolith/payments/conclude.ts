import type { PaymentContext } from './context.types.ts';
import { askProvider } from './ask-provider.ts';
import { paymentTimeout } from './failures.ts';
import { giveUp } from './lease.ts';
import type { PaymentRow } from './payment-model.ts';
import type { Charge } from './provider.types.ts';
import { statesBefore } from './states.ts';

export type Outcome = { readonly state: 'captured' } | { readonly state: 'failed'; readonly failure: string };

/**
 * Brings a payment that we hold the lease of to its end, from what the provider says about its charge: takes the money
 * that is held and marks the order paid, or fails the payment.
 * @throws Problem 504 `payment-timeout` when the provider falls silent; the payment can be taken up again
 */
export async function conclude(
  context: PaymentContext,
  payment: PaymentRow,
  charge: Charge,
): Promise<Outcome> {
  if (charge.state === 'declined') return fail(context, payment, charge.declineCode ?? 'declined');
  if (charge.state === 'released') return fail(context, payment, 'released');
  if (charge.amountCents !== payment.amountCents) {
    // The charge of another order under our reference, as after a restore from a backup: not ours to take.
    context.log.error({ paymentId: payment.id }, 'the provider holds another amount under this reference');
    return fail(context, payment, 'amount-mismatch');
  }
  await context.models.payment.update(
    { state: 'authorised', updatedAt: context.now() },
    { where: { id: payment.id, state: statesBefore('authorised') } },
  );
  const captured =
    charge.state === 'captured'
      ? { answer: charge }
      : await askProvider(context, (signal) => context.provider.capture(payment.reference, signal));
  if (captured === undefined) return stopAsUnknown(context, payment);
  if (captured.answer.state !== 'captured') {
    return fail(context, payment, `not-captured-${captured.answer.state}`);
  }
  await keepCapture(context, payment);
  return { state: 'captured' };
}

/** Leaves a payment whose outcome is unknown to the next who asks, or to the sweep. */
export async function stopAsUnknown(context: PaymentContext, payment: PaymentRow): Promise<never> {
  await giveUp(context, payment);
  throw paymentTimeout();
}

async function keepCapture(context: PaymentContext, payment: PaymentRow): Promise<void> {
  await context.models.sequelize.transaction(async (transaction) => {
    const order = await context.orders.lock(transaction, payment.orderId);
    const [kept] = await context.models.payment.update(
      { state: 'captured', capturedCents: payment.amountCents, updatedAt: context.now() },
      { where: { id: payment.id, state: statesBefore('captured') }, transaction },
    );
    // Where another turn at the same payment was faster (our lease ran out), the order is paid already.
    if (kept === 1) await order.markPaid();
  });
}

async function fail(context: PaymentContext, payment: PaymentRow, failure: string): Promise<Outcome> {
  await context.models.payment.update(
    { state: 'failed', failure, updatedAt: context.now() },
    { where: { id: payment.id, state: statesBefore('failed') } },
  );
  return { state: 'failed', failure };
}
