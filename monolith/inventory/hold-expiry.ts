import { Op } from 'sequelize';
import type { InventoryModels } from './models.ts';
import { heldFor, reservationStates } from './reservation-states.ts';
import { moveReservations } from './reservations.ts';

/** The most that one call ends, so that it holds its locks for a short time only. */
const batch = 200;

/**
 * Ends reservations of callers that ran out and frees their stock. Those of orders end with their order.
 * @param options.productIds only of these products
 * @returns how many ended now, at most 200; call again while it is not 0
 */
export async function expireHolds(
  models: InventoryModels,
  options: { readonly now: Date; readonly productIds?: readonly number[] },
): Promise<number> {
  const overdue = await models.reservation.findAll({
    attributes: ['id'],
    where: {
      state: reservationStates.active,
      heldFor: heldFor.caller,
      expiresAt: { [Op.lte]: options.now },
      ...(options.productIds === undefined ? {} : { productId: [...options.productIds] }),
    },
    order: [['expiresAt', 'ASC']],
    limit: batch,
  });
  if (overdue.length === 0) return 0;
  const ids = overdue.map((row) => row.id);
  return models.sequelize.transaction((transaction) =>
    moveReservations({ models, transaction }, { ids, to: 'expired' }),
  );
}
