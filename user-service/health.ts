import type { Router } from 'express';
import type { Pool } from 'pg';
import { exactRouter } from '#shared/http/exact-router.ts';
import { databaseUnavailable } from './database/unavailable.ts';

/** `/healthz`: whether this process and its database answer. */
export function healthRoutes(pool: Pool): Router {
  const router = exactRouter();
  router.get('/healthz', async (_request, response) => {
    await pool.query('select 1').catch((cause: unknown) => {
      throw databaseUnavailable(cause);
    });
    response.json({ status: 'ok' });
  });
  return router;
}
