import type { Router } from 'express';
import type { Sequelize } from 'sequelize';
import { z } from 'zod';
import { requireAdmin, type CallerCheck } from '#monolith/auth-delegation/caller.ts';
import { pageFields, pageOf } from '#monolith/paging.ts';
import { exactRouter } from '#shared/http/exact-router.ts';
import { parse } from '#shared/http/express.ts';
import { sendReport } from './answer.ts';
import { ordersByCustomer } from './orders-by-customer.ts';
import { periodFields } from './period.ts';
import { revenueByDay } from './revenue.ts';
import { topProducts } from './top-products.ts';

export interface ReportRoutesOptions {
  readonly database: Sequelize;
  readonly checkCaller: CallerCheck;
  readonly now: () => Date;
}

/** `/reports/…`, to be mounted at the root. Admins only. */
export function reportRoutes({ database, checkCaller, now }: ReportRoutesOptions): Router {
  const router = exactRouter();
  const admin = requireAdmin(checkCaller);
  const period = periodFields(now);
  const fields = { ...period.fields, format: z.enum(['json', 'csv']).optional() };
  const revenueQuery = z.object(fields).transform(period.check);
  const topQuery = z
    .object({ ...fields, limit: pageFields.limit.unwrap().default(10) })
    .transform(({ limit, ...given }, context) => ({ limit, ...period.check(given, context) }));
  const customersQuery = z
    .object({ ...fields, ...pageFields })
    .transform(({ limit, cursor, ...given }, context) => ({
      limit,
      cursor,
      ...period.check(given, context),
    }));

  router.get('/reports/revenue', admin, async (request, response) => {
    const { from, to } = parse(revenueQuery, request.query, 'query');
    sendReport(
      { request, response },
      {
        name: 'revenue',
        period: { from, to },
        items: await revenueByDay(database, { from, to }),
        columns: ['day', 'orders', 'revenueCents', 'refundedCents'],
      },
    );
  });

  router.get('/reports/top-products', admin, async (request, response) => {
    const { from, to, limit } = parse(topQuery, request.query, 'query');
    sendReport(
      { request, response },
      {
        name: 'top-products',
        period: { from, to },
        items: await topProducts(database, { from, to, limit }),
        columns: ['productId', 'sku', 'name', 'quantity', 'orders', 'revenueCents'],
      },
    );
  });

  router.get('/reports/orders-by-customer', admin, async (request, response) => {
    const { from, to, limit, cursor } = parse(customersQuery, request.query, 'query');
    const rows = await ordersByCustomer(database, { from, to, after: cursor, limit: limit + 1 });
    sendReport(
      { request, response },
      {
        name: 'orders-by-customer',
        period: { from, to },
        ...pageOf(rows, { limit, idOf: (row) => row.userId, show: (row) => row }),
        columns: ['userId', 'name', 'email', 'orders', 'revenueCents'],
      },
    );
  });

  return router;
}
