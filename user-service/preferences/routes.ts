import type { Router } from 'express';
import type { Pool } from 'pg';
import { exactRouter } from '#shared/http/exact-router.ts';
import { parse } from '#shared/http/express.ts';
import { authorise } from '#user-service/auth/caller.ts';
import { preferenceInput, preferencePath } from './fields.ts';
import { deletePreference, listPreferences, putPreference } from './store.ts';

/** `/users/{id}/preferences` and below */
export function preferenceRoutes(pool: Pool): Router {
  const router = exactRouter();

  router.get('/users/:id/preferences', async (request, response) => {
    const { userId } = await authorise(pool, request);
    response.json({ items: await listPreferences(pool, userId) });
  });

  router.put('/users/:id/preferences/:key', async (request, response) => {
    const { userId } = await authorise(pool, request);
    const { key } = parse(preferencePath, request.params, 'path');
    const { value } = parse(preferenceInput, request.body, 'body');
    response.json(await putPreference(pool, userId, { key, value }));
  });

  router.delete('/users/:id/preferences/:key', async (request, response) => {
    const { userId } = await authorise(pool, request);
    const { key } = parse(preferencePath, request.params, 'path');
    await deletePreference(pool, userId, key);
    response.status(204).end();
  });

  return router;
}
