import type { InventoryModels } from '#monolith/inventory/models.ts';
import type { Reclaim } from '#monolith/inventory/reclaim.ts';
import type { Transaction } from 'sequelize';
import type { OrderModels } from './models.ts';

/** What the work on orders needs. */
export interface OrderContext {
  readonly models: OrderModels;
  /** The stock that the orders hold. */
  readonly inventory: InventoryModels;
  /** Frees what ran out, whoever held it, before anyone is told that there is not enough. */
  readonly reclaim: Reclaim;
  readonly now: () => Date;
}

export interface OrderScope {
  readonly context: Pick<OrderContext, 'models' | 'inventory' | 'now'>;
  readonly transaction: Transaction;
}
