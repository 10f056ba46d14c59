import type { Router } from 'express';
import { exactRouter } from '#shared/http/exact-router.ts';
import { parse } from '#shared/http/express.ts';
import { pathUserId, requireUserOrAdmin } from './access.ts';
import { preferenceInput, preferencePath } from './preference-input.ts';
import { deletePreference, readPreferences, setPreference } from './preferences.ts';
import type { UserRoutesOptions } from './routes.types.ts';

/** `/users/{id}/preferences` and `/users/{id}/preferences/{key}` */
export function preferenceRoutes({ models, checkCaller }: UserRoutesOptions): Router {
  const router = exactRouter();
  const guard = requireUserOrAdmin(checkCaller);

  router.get('/users/:id/preferences', guard, async (request, response) => {
    response.json({ items: await readPreferences(models, pathUserId(request)) });
  });

  router.put('/users/:id/preferences/:key', guard, async (request, response) => {
    const { key } = parse(preferencePath, request.params, 'path');
    const { value } = parse(preferenceInput, request.body, 'body');
    response.json(await setPreference(models, pathUserId(request), { key, value }));
  });

  router.delete('/users/:id/preferences/:key', guard, async (request, response) => {
    const { key } = parse(preferencePath, request.params, 'path');
    await deletePreference(models, pathUserId(request), key);
    response.status(204).end();
  });

  return router;
}
