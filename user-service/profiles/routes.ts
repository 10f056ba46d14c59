import type { Router } from 'express';
import type { Pool } from 'pg';
import { exactRouter } from '#shared/http/exact-router.ts';
import { parse } from '#shared/http/express.ts';
import { authorise } from '#user-service/auth/caller.ts';
import { profileInput } from './fields.ts';
import { deleteProfile, findProfile, putProfile } from './store.ts';

/** `/users/{id}/profile` */
export function profileRoutes(pool: Pool): Router {
  const router = exactRouter();

  router.get('/users/:id/profile', async (request, response) => {
    const { userId } = await authorise(pool, request);
    response.json(await findProfile(pool, userId));
  });

  router.put('/users/:id/profile', async (request, response) => {
    const { userId } = await authorise(pool, request);
    const profile = parse(profileInput, request.body, 'body');
    response.json(await putProfile(pool, userId, profile));
  });

  router.delete('/users/:id/profile', async (request, response) => {
    const { userId } = await authorise(pool, request);
    await deleteProfile(pool, userId);
    response.status(204).end();
  });

  return router;
}
