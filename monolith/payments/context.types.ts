import type { Logger } from '#shared/telemetry/log.ts';
import type { PaymentModels } from './models.ts';
import type { PayableOrders } from './payable-orders.types.ts';
import type { PaymentProvider } from './provider.types.ts';

/** What the work on payments needs. */
export interface PaymentContext {
  readonly models: PaymentModels;
  readonly provider: PaymentProvider;
  /** Milliseconds that one call to the provider may take. */
  readonly providerTimeoutMs: number;
  readonly orders: PayableOrders;
  readonly now: () => Date;
  readonly log: Logger;
}
