import type { Router } from 'express';
import type { Pool } from 'pg';
import { hashPassword, type PasswordCost } from '#shared/credentials/password.ts';
import { exactRouter } from '#shared/http/exact-router.ts';
import { parse } from '#shared/http/express.ts';
import { authenticate, authorise, notAllowed } from '#user-service/auth/caller.ts';
import { addAccount, changeAccount, closeAccount, findUser, listUsers } from './accounts.ts';
import { signUp, userChanges, userListing, writeCursor } from './fields.ts';

export interface UserRoutesOptions {
  readonly pool: Pool;
  readonly passwordCost?: PasswordCost | undefined;
}

/** `/users` and `/users/{id}` */
export function userRoutes({ pool, passwordCost }: UserRoutesOptions): Router {
  const router = exactRouter();

  router.post('/users', async (request, response) => {
    const { email, name, password } = parse(signUp, request.body, 'body');
    const passwordHash = await hashPassword(password, passwordCost);
    const user = await addAccount(pool, { email, name, passwordHash });
    response.status(201).location(`/users/${user.id}`).json(user);
  });

  router.get('/users', async (request, response) => {
    const caller = await authenticate(pool, request);
    if (caller.role !== 'admin') throw notAllowed('Only an admin may list users.');
    const { limit, cursor = 0 } = parse(userListing, request.query, 'query');
    // One more than asked for tells whether there is a next page.
    const found = await listUsers(pool, { afterId: cursor, limit: limit + 1 });
    const items = found.slice(0, limit);
    const last = items.at(-1);
    const nextCursor = found.length > limit && last !== undefined ? writeCursor(last.id) : null;
    response.json({ items, nextCursor });
  });

  router.get('/users/:id', async (request, response) => {
    const { userId } = await authorise(pool, request);
    response.json(await findUser(pool, userId));
  });

  router.patch('/users/:id', async (request, response) => {
    const { caller, userId } = await authorise(pool, request);
    const changes = parse(userChanges, request.body, 'body');
    if (changes.status !== undefined && caller.role !== 'admin') {
      throw notAllowed('Only an admin may set the status of a user.');
    }
    response.json(await changeAccount(pool, userId, changes));
  });

  router.delete('/users/:id', async (request, response) => {
    const { userId } = await authorise(pool, request);
    await closeAccount(pool, userId);
    response.status(204).end();
  });

  return router;
}
