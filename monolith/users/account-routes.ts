import type { Router } from 'express';
import { callerOf, notAllowed, requireCaller } from '#monolith/auth-delegation/caller.ts';
import { exactRouter } from '#shared/http/exact-router.ts';
import { parse } from '#shared/http/express.ts';
import { pathUserId, requireUserOrAdmin } from './access.ts';
import { accountChange, accountPage, newAccount } from './account-input.ts';
import { changeUser, listUsers, readUser, signUp } from './accounts.ts';
import { closeAccount } from './close-account.ts';
import type { UserRoutesOptions } from './routes.types.ts';

/** `/users` and `/users/{id}` */
export function accountRoutes({ models, checkCaller, passwordCost }: UserRoutesOptions): Router {
  const router = exactRouter();
  const guard = requireUserOrAdmin(checkCaller);

  router.post('/users', async (request, response) => {
    const user = await signUp(models, parse(newAccount, request.body, 'body'), passwordCost);
    response.status(201).location(`/users/${user.id}`).json(user);
  });

  router.get('/users', requireCaller(checkCaller), async (request, response) => {
    if (callerOf(response).role !== 'admin') throw notAllowed('Only an admin may list users.');
    response.json(await listUsers(models, parse(accountPage, request.query, 'query')));
  });

  router.get('/users/:id', guard, async (request, response) => {
    response.json(await readUser(models, pathUserId(request)));
  });

  router.patch('/users/:id', guard, async (request, response) => {
    const change = parse(accountChange, request.body, 'body');
    if (change.status !== undefined && callerOf(response).role !== 'admin')
      throw notAllowed('Only an admin may set the status of a user.');
    response.json(await changeUser(models, pathUserId(request), change));
  });

  router.delete('/users/:id', guard, async (request, response) => {
    await closeAccount(models, pathUserId(request));
    response.status(204).end();
  });

  return router;
}
