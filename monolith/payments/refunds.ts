import type { Transaction } from 'sequelize';
import { askProvider } from './ask-provider.ts';
import type { PaymentContext } from './context.types.ts';
import { paymentNotFound, refundExceedsCapture } from './failures.ts';
import type { PaymentRow } from './payment-model.ts';

/**
 * Writes down that a part of a payment goes back; `sendRefund` sends it after the commit. What is promised counts as
 * refunded at once, so that two refunds at the same time never promise more than was captured.
 * @param options.amountCents what is left when `undefined`
 * @returns the id of the refund
 * @throws Problem 404 `payment-not-found`, 409 `refund-exceeds-capture`
 */
export async function promiseRefund(
  context: PaymentContext,
  options: {
    readonly transaction: Transaction;
    readonly paymentId: number;
    readonly amountCents: number | undefined;
  },
): Promise<number> {
  const { transaction, paymentId } = options;
  const row = await lockPayment(context, { transaction, paymentId });
  const left = row.capturedCents - row.refundedCents;
  const amountCents = options.amountCents ?? left;
  if (left === 0 || amountCents > left) throw refundExceedsCapture(left);
  const now = context.now();
  const earlier = await context.models.refund.count({ where: { paymentId }, transaction });
  await row.update({ refundedCents: row.refundedCents + amountCents, updatedAt: now }, { transaction });
  const refund = await context.models.refund.create(
    {
      paymentId,
      reference: `${row.reference}-refund-${earlier + 1}`,
      amountCents,
      state: 'pending',
      createdAt: now,
      updatedAt: now,
    },
    { transaction },
  );
  return refund.id;
}

/**
 * Promises all that is left of what an order paid. The order must be locked.
 * @returns `undefined` where nothing is left
 */
export async function promiseRest(
  context: PaymentContext,
  options: { readonly transaction: Transaction; readonly orderId: number },
): Promise<number | undefined> {
  const { transaction, orderId } = options;
  const taken = await context.models.payment.findOne({
    where: { orderId, state: 'captured' },
    lock: transaction.LOCK.UPDATE,
    transaction,
  });
  if (taken === null || taken.refundedCents === taken.capturedCents) return undefined;
  return promiseRefund(context, { transaction, paymentId: taken.id, amountCents: undefined });
}

/**
 * Sends a promised refund. It can be sent again and again: the provider knows it by its reference.
 * @returns whether the provider has taken it; if not, the sweep tries again
 */
export async function sendRefund(context: PaymentContext, refundId: number): Promise<boolean> {
  const { models, provider } = context;
  const refund = await models.refund.findByPk(refundId, { rejectOnEmpty: true });
  const payment = await models.payment.findByPk(refund.paymentId, { rejectOnEmpty: true });
  const { reference, amountCents } = refund;
  const sent = await askProvider(context, (signal) =>
    provider.refund({ reference, chargeReference: payment.reference, amountCents }, signal),
  );
  if (sent === undefined) {
    // To the end of the sweep's queue, so that one bad refund does not hold up the others.
    await refund.update({ updatedAt: context.now() });
    return false;
  }
  await models.sequelize.transaction(async (transaction) => {
    const row = await lockPayment(context, { transaction, paymentId: payment.id });
    await models.refund.update(
      { state: 'done', updatedAt: context.now() },
      { where: { id: refundId, state: 'pending' }, transaction },
    );
    const open = await models.refund.count({ where: { paymentId: row.id, state: 'pending' }, transaction });
    if (open === 0 && row.state === 'captured' && row.refundedCents === row.capturedCents) {
      await row.update({ state: 'refunded', updatedAt: context.now() }, { transaction });
    }
  });
  return true;
}

async function lockPayment(
  context: PaymentContext,
  options: { readonly transaction: Transaction; readonly paymentId: number },
): Promise<PaymentRow> {
  const { transaction, paymentId } = options;
  const row = await context.models.payment.findByPk(paymentId, {
    lock: transaction.LOCK.UPDATE,
    transaction,
  });
  if (row === null) throw paymentNotFound();
  return row;
}
