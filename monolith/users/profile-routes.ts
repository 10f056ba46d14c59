import type { Router } from 'express';
import { exactRouter } from '#shared/http/exact-router.ts';
import { parse } from '#shared/http/express.ts';
import { pathUserId, requireUserOrAdmin } from './access.ts';
import { profileInput } from './profile-input.ts';
import { deleteProfile, readProfile, replaceProfile } from './profiles.ts';
import type { UserRoutesOptions } from './routes.types.ts';

/** `/users/{id}/profile` */
export function profileRoutes({ models, checkCaller }: UserRoutesOptions): Router {
  const router = exactRouter();
  const guard = requireUserOrAdmin(checkCaller);

  router.get('/users/:id/profile', guard, async (request, response) => {
    response.json(await readProfile(models, pathUserId(request)));
  });

  router.put('/users/:id/profile', guard, async (request, response) => {
    const profile = parse(profileInput, request.body, 'body');
    response.json(await replaceProfile(models, pathUserId(request), profile));
  });

  router.delete('/users/:id/profile', guard, async (request, response) => {
    await deleteProfile(models, pathUserId(request));
    response.status(204).end();
  });

  return router;
}
