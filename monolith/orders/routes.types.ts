import type { CallerCheck } from '#monolith/auth-delegation/caller.ts';
import type { Payments } from '#monolith/payments/payments.ts';
import type { OrderContext } from './context.types.ts';

export interface OrderRoutesOptions {
  readonly context: OrderContext;
  readonly payments: Payments;
  readonly checkCaller: CallerCheck;
}
