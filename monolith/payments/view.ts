import type { PaymentRow } from './payment-model.ts';

/**
 * A payment as the API shows it. `refundedCents` counts what is promised; its parts stand in `refunds`.
 * @param row with its refunds
 */
export function toPayment(row: PaymentRow) {
  if (row.refunds === undefined) throw new Error('toPayment: the payment was read without its refunds');
  return {
    id: row.id,
    orderId: row.orderId,
    attempt: row.attempt,
    state: row.state,
    failure: row.failure,
    amountCents: row.amountCents,
    capturedCents: row.capturedCents,
    refundedCents: row.refundedCents,
    currency: row.currency,
    refunds: row.refunds
      .toSorted((a, b) => a.id - b.id)
      .map((refund) => ({
        id: refund.id,
        amountCents: refund.amountCents,
        state: refund.state,
        createdAt: refund.createdAt.toISOString(),
      })),
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}
