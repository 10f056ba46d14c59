import type { Request, Router } from 'express';
import type { Sequelize } from 'sequelize';
import { z } from 'zod';
import { requireAdmin, type CallerCheck } from '#monolith/auth-delegation/caller.ts';
import { pageFields, pageOf } from '#monolith/paging.ts';
import { bearerToken } from '#shared/credentials/bearer.ts';
import { exactRouter } from '#shared/http/exact-router.ts';
import { parse } from '#shared/http/express.ts';
import { sendReport } from './answer.ts';
import type { Customers } from './customers/customers.types.ts';
import { ordersByCustomer, withCustomers } from './orders-by-customer.ts';
import { periodFields } from './period.ts';
import { revenueByDay } from './revenue.ts';
import { topProducts } from './top-products.ts';

export interface ReportRoutesOptions {
  readonly database: Sequelize;
  readonly customers: Customers;
  readonly checkCaller: CallerCheck;
  readonly now: () => Date;
}

/** `/reports/…`, to be mounted at the root. Admins only. */
export function reportRoutes(options: ReportRoutesOptions): Router {
  const { database, customers, checkCaller, now } = options;
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
    const page = pageOf(rows, { limit, idOf: (row) => row.userId, show: (row) => row });
    sendReport(
      { request, response },
      {
        name: 'orders-by-customer',
        period: { from, to },
        ...page,
        items: await withCustomers(page.items, customers, callersToken(request)),
        columns: ['userId', 'name', 'email', 'orders', 'revenueCents'],
      },
    );
  });

  return router;
}

/** The admin's own token, to be shown to the user-service: the report may tell them what they may read there, no more. */
function callersToken(request: Request): string {
  const token = bearerToken(request.headers.authorization);
  if (token === undefined) throw new Error('callersToken: this route has no requireAdmin before its handler');
  return token;
}
