import type { Router } from 'express';
import { z } from 'zod';
import { callerOf, requireCaller, type Caller } from '#monolith/auth-delegation/caller.ts';
import { idField, pathId } from '#monolith/request-fields.ts';
import { problem } from '#shared/errors/problem.ts';
import { exactRouter } from '#shared/http/exact-router.ts';
import { parse } from '#shared/http/express.ts';
import type { InventoryModels } from './models.ts';
import { withReclaim } from './reclaim.ts';
import type { ReservationRow } from './reservation-model.ts';
import { heldFor, reservationStateName, reservationStates } from './reservation-states.ts';
import { moveReservations, reserve } from './reservations.ts';
import type { InventoryRoutesOptions } from './routes.types.ts';

const asked = z.strictObject({
  productId: idField,
  quantity: z.int().min(1).max(1_000),
  ttlSeconds: z.int().min(1).max(3_600).default(900),
});

export function reservationRoutes({ models, checkCaller, reclaim, now }: InventoryRoutesOptions): Router {
  const router = exactRouter();

  router.post('/inventory/reservations', requireCaller(checkCaller), async (request, response) => {
    const { ttlSeconds, ...item } = parse(asked, request.body, 'body');
    const { userId } = callerOf(response);
    const at = now();
    const expiresAt = new Date(at.getTime() + ttlSeconds * 1_000);
    const attempt = (): Promise<ReservationRow[]> =>
      models.sequelize.transaction((transaction) =>
        reserve({ models, transaction }, { userId, holder: 'caller', now: at, expiresAt, items: [item] }),
      );
    const [row] = await withReclaim(attempt, { reclaim, productIds: [item.productId] });
    if (row === undefined) throw new Error('reserve() answered with no reservation for one item');
    response.status(201).location(`/inventory/reservations/${row.id}`).json(toReservation(row, at));
  });

  router.get('/inventory/reservations/:id', requireCaller(checkCaller), async (request, response) => {
    const row = await findReservation(models, pathId(request.params['id']), callerOf(response));
    response.json(toReservation(row, now()));
  });

  router.delete('/inventory/reservations/:id', requireCaller(checkCaller), async (request, response) => {
    const row = await findReservation(models, pathId(request.params['id']), callerOf(response));
    if (row.heldFor !== heldFor.caller) {
      throw problem(409, 'held-for-order', 'This reservation belongs to an order: cancel the order instead.');
    }
    const released = await models.sequelize.transaction((transaction) =>
      moveReservations({ models, transaction }, { ids: [row.id], to: 'released' }),
    );
    if (released === 0) throw reservationNotFound();
    response.status(204).end();
  });

  return router;
}

async function findReservation(
  models: InventoryModels,
  id: number | undefined,
  caller: Caller,
): Promise<ReservationRow> {
  const row = id === undefined ? null : await models.reservation.findByPk(id);
  if (row === null || (row.userId !== caller.userId && caller.role !== 'admin')) throw reservationNotFound();
  return row;
}

function reservationNotFound(): Error {
  return problem(404, 'reservation-not-found', 'There is no such active reservation of yours.');
}

function toReservation(row: ReservationRow, now: Date) {
  const overdue =
    row.state === reservationStates.active && row.heldFor === heldFor.caller && row.expiresAt <= now;
  return {
    id: row.id,
    productId: row.productId,
    quantity: row.quantity,
    expiresAt: row.expiresAt.toISOString(),
    // Told as expired from that moment on, whether or not the sweep has freed the stock yet.
    state: overdue ? 'expired' : reservationStateName(row.state),
  };
}
