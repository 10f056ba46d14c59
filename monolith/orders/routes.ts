import type { Router } from 'express';
import { callerOf, notAllowed, requireAdmin, requireCaller } from '#monolith/auth-delegation/caller.ts';
import { pageOf } from '#monolith/paging.ts';
import { pathId } from '#monolith/request-fields.ts';
import { exactRouter } from '#shared/http/exact-router.ts';
import { parse } from '#shared/http/express.ts';
import { cancelOrder } from './cancel.ts';
import { findOrder, listOrders } from './find.ts';
import { idempotencyKeyOf, newOrder, nothing, orderQuery, paymentInput } from './order-input.ts';
import { placeOrder } from './place.ts';
import type { OrderRoutesOptions } from './routes.types.ts';
import { lockOrder, stepOrder } from './step.ts';
import { toOrder } from './view.ts';

/** `/orders…`, to be mounted at the root. */
export function orderRoutes({ context, payments, checkCaller }: OrderRoutesOptions): Router {
  const router = exactRouter();
  const caller = requireCaller(checkCaller);
  const admin = requireAdmin(checkCaller);

  router.post('/orders', caller, async (request, response) => {
    const idempotencyKey = idempotencyKeyOf(request.get('idempotency-key'));
    const { lines } = parse(newOrder, request.body, 'body');
    const { userId } = callerOf(response);
    const answer = await placeOrder(context, { userId, idempotencyKey, lines });
    if (answer.replayed) response.set('Idempotent-Replayed', 'true');
    response.status(answer.status).type('application/json').send(answer.text);
  });

  router.get('/orders', caller, async (request, response) => {
    const { limit, cursor, state, userId } = parse(orderQuery, request.query, 'query');
    const { userId: own, role } = callerOf(response);
    if (role !== 'admin' && userId !== undefined && userId !== own) throw notAllowed();
    const rows = await listOrders(context, {
      userId: role === 'admin' ? userId : own,
      state,
      after: cursor,
      limit: limit + 1,
    });
    response.json(pageOf(rows, { limit, idOf: (row) => row.id, show: toOrder }));
  });

  router.get('/orders/:id', caller, async (request, response) => {
    const id = pathId(request.params['id']);
    response.json(toOrder(await findOrder(context, { id, caller: callerOf(response) })));
  });

  router.post('/orders/:id/pay', caller, async (request, response) => {
    const { method } = parse(paymentInput, request.body, 'body');
    const found = { id: pathId(request.params['id']), caller: callerOf(response) };
    const order = await findOrder(context, found);
    await payments.pay({ orderId: order.id, methodToken: method.token });
    response.json(toOrder(await findOrder(context, found)));
  });

  router.post('/orders/:id/cancel', caller, async (request, response) => {
    parse(nothing, request.body, 'body');
    const found = { id: pathId(request.params['id']), caller: callerOf(response) };
    const order = await findOrder(context, found);
    await cancelOrder(context, { payments, orderId: order.id });
    response.json(toOrder(await findOrder(context, found)));
  });

  router.post('/orders/:id/ship', admin, async (request, response) => {
    parse(nothing, request.body, 'body');
    const found = { id: pathId(request.params['id']), caller: callerOf(response) };
    const { id } = await findOrder(context, found);
    await context.models.sequelize.transaction(async (transaction) => {
      const scope = { context, transaction };
      await stepOrder(scope, await lockOrder(scope, id), 'shipped');
    });
    response.json(toOrder(await findOrder(context, found)));
  });

  return router;
}
