import type { Router } from 'express';
import { Op } from 'sequelize';
import { z } from 'zod';
import { callerOf, requireAdmin } from '#monolith/auth-delegation/caller.ts';
import { pageFields, pageOf } from '#monolith/paging.ts';
import { idField, idQueryField, textField } from '#monolith/request-fields.ts';
import { exactRouter } from '#shared/http/exact-router.ts';
import { parse } from '#shared/http/express.ts';
import type { AdjustmentRow } from './adjustment-model.ts';
import { adjustStock } from './adjustments.ts';
import { withReclaim } from './reclaim.ts';
import type { InventoryRoutesOptions } from './routes.types.ts';

const maxDelta = 1_000_000;

const adjustment = z.strictObject({
  productId: idField,
  delta: z
    .int()
    .min(-maxDelta)
    .max(maxDelta)
    .refine((delta) => delta !== 0, 'must not be 0'),
  reason: textField(200),
});
const listing = z.object({ ...pageFields, productId: idQueryField.optional() });

export function adjustmentRoutes({ models, checkCaller, reclaim, now }: InventoryRoutesOptions): Router {
  const router = exactRouter();

  router.post('/inventory/adjustments', requireAdmin(checkCaller), async (request, response) => {
    const fields = parse(adjustment, request.body, 'body');
    const row = await withReclaim(
      () => adjustStock(models, { ...fields, userId: callerOf(response).userId, now: now() }),
      { reclaim, productIds: [fields.productId] },
    );
    response.status(201).json(toAdjustment(row));
  });

  router.get('/inventory/adjustments', requireAdmin(checkCaller), async (request, response) => {
    const { limit, cursor, productId } = parse(listing, request.query, 'query');
    const rows = await models.adjustment.findAll({
      where: { id: { [Op.gt]: cursor }, ...(productId === undefined ? {} : { productId }) },
      order: [['id', 'ASC']],
      limit: limit + 1,
    });
    response.json(pageOf(rows, { limit, idOf: (row) => row.id, show: toAdjustment }));
  });

  return router;
}

function toAdjustment(row: AdjustmentRow) {
  return {
    id: row.id,
    productId: row.productId,
    delta: row.delta,
    reason: row.reason,
    userId: row.userId,
    createdAt: row.createdAt.toISOString(),
  };
}
