import type { Transaction } from 'sequelize';

/** What payments need of the orders that they pay for. */
export interface PayableOrders {
  /**
   * Locks the order until the transaction ends.
   * @throws Problem 404 `order-not-found`
   */
  lock(transaction: Transaction, orderId: number): Promise<LockedOrder>;
}

export interface LockedOrder {
  readonly userId: number;
  readonly totalCents: number;
  readonly currency: string;
  /** @throws Problem 409 `wrong-state` unless it waits for its payment, and its stock is still held */
  requirePayable(): void;
  /** @throws Problem 409 `wrong-state` */
  markPaid(): Promise<void>;
}
