import { moveReservations } from '#monolith/inventory/reservations.ts';
import { problem, type Problem } from '#shared/errors/problem.ts';
import type { OrderScope } from './context.types.ts';
import type { OrderRow } from './order-model.ts';
import { requireStep, type OrderState } from './states.ts';

/**
 * Locks an order until the transaction ends. Whoever changes an order or begins a payment of it holds this lock first,
 * before any lock on payments or stock.
 * @throws Problem 404 `order-not-found`
 */
export async function lockOrder({ context, transaction }: OrderScope, id: number): Promise<OrderRow> {
  const row = await context.models.order.findByPk(id, { lock: transaction.LOCK.UPDATE, transaction });
  if (row === null) throw orderNotFound();
  return row;
}

/**
 * Takes a locked order one step further, and its stock with it.
 * @throws Problem 409 `wrong-state`
 */
export async function stepOrder(scope: OrderScope, order: OrderRow, to: OrderState): Promise<void> {
  const { context, transaction } = scope;
  const { reservations } = requireStep(order.state, to);
  if (reservations !== 'stay') {
    const lines = await context.models.line.findAll({
      attributes: ['reservationId'],
      where: { orderId: order.id },
      transaction,
    });
    const ids = lines.map((line) => line.reservationId);
    const moved = await moveReservations(
      { models: context.inventory, transaction },
      { ids, to: reservations },
    );
    if (moved !== ids.length) {
      throw new Error(
        `order ${order.id} is ${order.state}, but only ${moved} of its ${ids.length} reservations could become ${reservations}`,
      );
    }
  }
  const now = context.now();
  await order.update(
    { state: to, reservedUntil: null, updatedAt: now, ...(to === 'paid' ? { paidAt: now } : {}) },
    { transaction },
  );
}

export function orderNotFound(): Problem {
  return problem(404, 'order-not-found', 'There is no such order of yours.');
}
