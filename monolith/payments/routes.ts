import type { Router } from 'express';
import { Op } from 'sequelize';
import { z } from 'zod';
import { callerOf, requireAdmin, requireCaller, type Caller } from '#monolith/auth-delegation/caller.ts';
import type { CallerCheck } from '#monolith/auth-delegation/caller.ts';
import { pageFields, pageOf } from '#monolith/paging.ts';
import { idQueryField, pathId } from '#monolith/request-fields.ts';
import { exactRouter } from '#shared/http/exact-router.ts';
import { parse } from '#shared/http/express.ts';
import type { PaymentContext } from './context.types.ts';
import { paymentNotFound } from './failures.ts';
import type { PaymentRow } from './payment-model.ts';
import { promiseRefund, sendRefund } from './refunds.ts';
import { toPayment } from './view.ts';

const listing = z.object({ ...pageFields, orderId: idQueryField.optional() });
const refundInput = z.strictObject({ amountCents: z.int().min(1).optional() });

/** `/payments…`, to be mounted at the root. */
export function paymentRoutes(context: PaymentContext, checkCaller: CallerCheck): Router {
  const router = exactRouter();
  const { models } = context;
  const caller = requireCaller(checkCaller);

  router.get('/payments', caller, async (request, response) => {
    const { limit, cursor, orderId } = parse(listing, request.query, 'query');
    const rows = await models.payment.findAll({
      where: {
        id: { [Op.gt]: cursor },
        ...ownedBy(callerOf(response)),
        ...(orderId === undefined ? {} : { orderId }),
      },
      include: { model: models.refund, as: 'refunds', separate: true },
      order: [['id', 'ASC']],
      limit: limit + 1,
    });
    response.json(pageOf(rows, { limit, idOf: (row) => row.id, show: toPayment }));
  });

  router.get('/payments/:id', caller, async (request, response) => {
    response.json(toPayment(await find(pathId(request.params['id']), callerOf(response))));
  });

  router.post('/payments/:id/refund', requireAdmin(checkCaller), async (request, response) => {
    const { amountCents } = parse(refundInput, request.body, 'body');
    const { id: paymentId } = await find(pathId(request.params['id']), callerOf(response));
    const refundId = await models.sequelize.transaction((transaction) =>
      promiseRefund(context, { transaction, paymentId, amountCents }),
    );
    const sent = await sendRefund(context, refundId);
    // 202: promised, and sent again until the provider takes it. Asking once more would be another refund.
    response.status(sent ? 200 : 202).json(toPayment(await find(paymentId, callerOf(response))));
  });

  const find = async (id: number | undefined, asker: Caller): Promise<PaymentRow> => {
    const row =
      id === undefined
        ? null
        : await models.payment.findOne({
            where: { id, ...ownedBy(asker) },
            include: { model: models.refund, as: 'refunds' },
          });
    if (row === null) throw paymentNotFound();
    return row;
  };

  return router;
}

function ownedBy(caller: Caller): { userId?: number } {
  return caller.role === 'admin' ? {} : { userId: caller.userId };
}
