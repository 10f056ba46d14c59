import type { ReservationRow } from './reservation-model.ts';
import {
  heldFor,
  reservationStates,
  reservationSteps,
  type Holder,
  type ReservationStep,
} from './reservation-states.ts';
import { changeStock, lockStock, notEnoughStock, type StockChange, type StockScope } from './stock.ts';

export interface ReserveOptions {
  readonly userId: number;
  readonly holder: Holder;
  readonly now: Date;
  readonly expiresAt: Date;
  /** The same product may stand in several of them. */
  readonly items: readonly { readonly productId: number; readonly quantity: number }[];
}

/**
 * Reserves all items or none, one reservation for each, in the order of the items.
 * @throws Problem 404 `product-not-found`, 409 `not-enough-stock`
 */
export async function reserve(scope: StockScope, options: ReserveOptions): Promise<ReservationRow[]> {
  const { items, userId, holder, now, expiresAt } = options;
  const wanted = new Map<number, number>();
  for (const { productId, quantity } of items) {
    wanted.set(productId, (wanted.get(productId) ?? 0) + quantity);
  }
  const stock = await lockStock(scope, [...wanted.keys()]);
  for (const [productId, quantity] of wanted) {
    const row = stock.get(productId);
    const available = row === undefined ? 0 : row.onHand - row.reserved;
    if (quantity > available) throw notEnoughStock(productId, quantity, available);
  }
  await changeStock(
    scope,
    new Map([...wanted].map(([productId, quantity]) => [productId, { onHand: 0, reserved: quantity }])),
  );
  return scope.models.reservation.bulkCreate(
    items.map(({ productId, quantity }) => ({
      productId,
      quantity,
      userId,
      state: reservationStates.active,
      heldFor: heldFor[holder],
      expiresAt,
      createdAt: now,
    })),
    { returning: true, transaction: scope.transaction },
  );
}

/**
 * Takes reservations one step further, with what that does to the stock. Those that are not in the state that the step
 * begins at stay as they are.
 * @returns how many took the step
 */
export async function moveReservations(
  scope: StockScope,
  options: { readonly ids: readonly number[]; readonly to: ReservationStep },
): Promise<number> {
  const { reservation } = scope.models;
  const { transaction } = scope;
  const step = reservationSteps[options.to];
  const found = await reservation.findAll({
    attributes: ['productId'],
    where: { id: [...options.ids] },
    transaction,
  });
  await lockStock(
    scope,
    found.map((row) => row.productId),
  );
  const [, moved] = await reservation.update(
    { state: reservationStates[options.to] },
    { where: { id: [...options.ids], state: reservationStates[step.from] }, returning: true, transaction },
  );
  const changes = new Map<number, StockChange>();
  for (const { productId, quantity } of moved) {
    const sum = changes.get(productId) ?? { onHand: 0, reserved: 0 };
    changes.set(productId, {
      onHand: sum.onHand + step.onHand * quantity,
      reserved: sum.reserved + step.reserved * quantity,
    });
  }
  await changeStock(scope, changes);
  return moved.length;
}
