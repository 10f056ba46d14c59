import type { Router } from 'express';
import type { Sequelize } from 'sequelize';
import { exactRouter } from '#shared/http/exact-router.ts';
import { databaseUnavailable } from './database-errors.ts';

/** `/healthz`: whether this process and its database answer. */
export function healthRoutes(database: Sequelize): Router {
  const router = exactRouter();
  router.get('/healthz', async (_request, response) => {
    await database.query('select 1').catch((cause: unknown) => {
      throw databaseUnavailable(cause);
    });
    response.json({ status: 'ok' });
  });
  return router;
}
