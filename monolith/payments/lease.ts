import { Op } from 'sequelize';
import type { PaymentContext } from './context.types.ts';
import type { PaymentRow } from './payment-model.ts';
import { liveStates } from './states.ts';

/** The most calls to the provider that one turn at a payment makes, and as much again for our own database. */
const callsInATurn = 6;

/** When a lease that begins now runs out: later than any turn at a payment can last. */
export function leaseEnd({ now, providerTimeoutMs }: PaymentContext): Date {
  return new Date(now().getTime() + callsInATurn * providerTimeoutMs);
}

/**
 * Takes up the live payment of an order that nobody works on: one whose provider did not answer, or whose process died.
 * @returns the payment; `busy` while somebody else works on it; `undefined` where there is none
 */
export async function takeUp(
  context: PaymentContext,
  orderId: number,
): Promise<PaymentRow | 'busy' | undefined> {
  const { payment } = context.models;
  const live = { orderId, state: [...liveStates] };
  const [, taken] = await payment.update(
    { leaseUntil: leaseEnd(context) },
    { where: { ...live, leaseUntil: { [Op.lte]: context.now() } }, returning: true },
  );
  if (taken[0] !== undefined) return taken[0];
  return (await payment.count({ where: live })) > 0 ? 'busy' : undefined;
}

/** Lets anyone take the payment up from now on. */
export async function giveUp(context: PaymentContext, row: PaymentRow): Promise<void> {
  await context.models.payment.update(
    { leaseUntil: context.now() },
    { where: { id: row.id, state: [...liveStates] } },
  );
}
