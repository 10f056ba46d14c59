import { askProvider } from './ask-provider.ts';
import { conclude, stopAsUnknown, type Outcome } from './conclude.ts';
import type { PaymentContext } from './context.types.ts';
import { paymentInProgress } from './failures.ts';
import { takeUp } from './lease.ts';
import type { PaymentRow } from './payment-model.ts';
import type { Charge } from './provider.types.ts';

/** `take`: what was authorised is captured. `call-off`: it is released, unless it was captured already. */
export type Intent = 'take' | 'call-off';

/**
 * Finds out what became of the earlier payment of an order whose outcome is unknown, and ends it. Comes before every
 * new charge, so that none is taken twice.
 * @returns `undefined` where there is nothing to settle
 * @throws Problem 409 `payment-in-progress`, 504 `payment-timeout`
 */
export async function settle(
  context: PaymentContext,
  options: { readonly orderId: number; readonly intent: Intent },
): Promise<Outcome | undefined> {
  const payment = await takeUp(context, options.orderId);
  if (payment === 'busy') throw paymentInProgress();
  if (payment === undefined) return undefined;
  const found =
    options.intent === 'take' ? await findOrBlock(context, payment) : await callOff(context, payment);
  if (found === undefined) return stopAsUnknown(context, payment);
  return conclude(context, payment, found);
}

/** A charge that the provider has never heard of may still be on its way to it, so its reference is blocked. */
async function findOrBlock(context: PaymentContext, payment: PaymentRow): Promise<Charge | undefined> {
  const found = await askProvider(context, (signal) => context.provider.find(payment.reference, signal));
  if (found === undefined) return undefined;
  return found.answer ?? (await callOff(context, payment));
}

async function callOff(context: PaymentContext, payment: PaymentRow): Promise<Charge | undefined> {
  const released = await askProvider(context, (signal) =>
    context.provider.release(payment.reference, signal),
  );
  return released?.answer;
}
