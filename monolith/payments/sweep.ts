import { Op } from 'sequelize';
import { isProblem } from '#shared/errors/problem.ts';
import type { PaymentContext } from './context.types.ts';
import { sendRefund } from './refunds.ts';
import { settle } from './settle.ts';
import { liveStates } from './states.ts';

/** The most that one call takes up, of each kind. */
const batch = 50;

/**
 * Takes up what was left in the middle: payments whose provider did not answer or whose process died, and refunds that
 * were promised but not taken yet. The customer asked to pay, so money that is held is taken.
 * @returns how many were brought to an end
 */
export async function sweepPayments(context: PaymentContext): Promise<number> {
  return (await settleStuck(context)) + (await resendRefunds(context));
}

async function settleStuck(context: PaymentContext): Promise<number> {
  const stuck = await context.models.payment.findAll({
    attributes: ['orderId'],
    where: { state: [...liveStates], leaseUntil: { [Op.lte]: context.now() } },
    order: [['leaseUntil', 'ASC']],
    limit: batch,
  });
  let settled = 0;
  for (const { orderId } of stuck) {
    try {
      const outcome = await settle(context, { orderId, intent: 'take' });
      if (outcome === undefined) continue;
      settled += 1;
      context.log.info({ orderId, outcome: outcome.state }, 'an unsettled payment was settled');
    } catch (error) {
      // Somebody else took it up, or the provider is silent still: there will be a next time.
      if (!isProblem(error)) throw error;
    }
  }
  return settled;
}

async function resendRefunds(context: PaymentContext): Promise<number> {
  const pending = await context.models.refund.findAll({
    attributes: ['id'],
    where: { state: 'pending' },
    order: [['updatedAt', 'ASC']],
    limit: batch,
  });
  let sent = 0;
  for (const { id } of pending) if (await sendRefund(context, id)) sent += 1;
  return sent;
}
