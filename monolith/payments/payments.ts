import type { Transaction } from 'sequelize';
import type { PaymentContext } from './context.types.ts';
import { pay, type PayOptions } from './pay.ts';
import { promiseRest, sendRefund } from './refunds.ts';
import { settle, type Intent } from './settle.ts';

/** What the orders ask of the payments. */
export type Payments = ReturnType<typeof createPayments>;

export function createPayments(context: PaymentContext) {
  return {
    /** See `pay.ts`. */
    pay: (options: PayOptions): Promise<void> => pay(context, options),
    /** Ends an earlier payment of the order whose outcome is unknown; see `settle.ts`. */
    async settle(orderId: number, intent: Intent): Promise<void> {
      await settle(context, { orderId, intent });
    },
    /** See `refunds.ts`. */
    promiseRest: (transaction: Transaction, orderId: number): Promise<number | undefined> =>
      promiseRest(context, { transaction, orderId }),
    sendRefund: (refundId: number): Promise<boolean> => sendRefund(context, refundId),
  };
}
