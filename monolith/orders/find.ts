import { Op } from 'sequelize';
import type { Caller } from '#monolith/auth-delegation/caller.ts';
import type { OrderContext } from './context.types.ts';
import { expireOrders } from './expiry.ts';
import type { OrderRow } from './order-model.ts';
import type { OrderState } from './states.ts';
import { orderNotFound } from './step.ts';

/**
 * An order with its lines, for its user or an admin; one that ran out is expired first.
 * @throws Problem 404 `order-not-found`, also for the order of somebody else
 */
export async function findOrder(
  context: OrderContext,
  options: { readonly id: number | undefined; readonly caller: Caller },
): Promise<OrderRow> {
  const { id, caller } = options;
  if (id === undefined) throw orderNotFound();
  const read = (): Promise<OrderRow | null> =>
    context.models.order.findByPk(id, { include: { model: context.models.line, as: 'lines' } });
  const row = await read();
  if (row === null || (row.userId !== caller.userId && caller.role !== 'admin')) throw orderNotFound();
  const ranOut = row.state === 'pending' && row.reservedUntil !== null && row.reservedUntil <= context.now();
  if (!ranOut) return row;
  await expireOrders(context, { orderIds: [id] });
  return (await read()) ?? row;
}

/** Orders with their lines, in order of their ids. */
export function listOrders(
  context: OrderContext,
  filter: {
    readonly userId: number | undefined;
    readonly state: OrderState | undefined;
    readonly after: number;
    readonly limit: number;
  },
): Promise<OrderRow[]> {
  const { userId, state, after, limit } = filter;
  return context.models.order.findAll({
    where: {
      id: { [Op.gt]: after },
      ...(userId === undefined ? {} : { userId }),
      ...(state === undefined ? {} : { state }),
    },
    // Separate: joined lines would count against the limit.
    include: { model: context.models.line, as: 'lines', separate: true },
    order: [['id', 'ASC']],
    limit,
  });
}
