import type { Router } from 'express';
import { notAuthenticated } from '#monolith/auth-delegation/caller.ts';
import { bearerToken } from '#shared/credentials/bearer.ts';
import { exactRouter } from '#shared/http/exact-router.ts';
import { parse } from '#shared/http/express.ts';
import { notOwner } from '#shared/postgres/not-owner.ts';
import { credentials, introspectionInput, refreshInput } from './auth-input.ts';
import { introspect } from './introspection.ts';
import { requireIntrospectionKey } from './introspection-key.ts';
import { logIn } from './login.ts';
import { logOut } from './logout.ts';
import { refresh } from './refresh.ts';
import type { UserRoutesOptions } from './routes.types.ts';
import { sweepExpiredTokens } from './token-sweep.ts';

/** `/auth/login`, `/auth/refresh`, `/auth/introspect`, `/auth/logout` */
export function authRoutes({ models, introspectionKey, log, passwordCost }: UserRoutesOptions): Router {
  const router = exactRouter();

  router.post('/auth/login', async (request, response) => {
    const session = await logIn(models, parse(credentials, request.body, 'body'), passwordCost);
    await sweep();
    response.json(session);
  });

  router.post('/auth/refresh', async (request, response) => {
    const { refreshToken } = parse(refreshInput, request.body, 'body');
    const session = await refresh({ models, refreshToken, onReuse });
    await sweep();
    response.json(session);
  });

  router.post('/auth/introspect', requireIntrospectionKey(introspectionKey), async (request, response) => {
    const { token } = parse(introspectionInput, request.body, 'body');
    response.json(await introspect(models, token));
  });

  router.post('/auth/logout', async (request, response) => {
    const token = bearerToken(request.headers.authorization);
    if (token === undefined || !(await logOut(models, token))) throw notAuthenticated();
    response.status(204).end();
  });

  return router;

  /** Housekeeping: the client has its session, whatever becomes of this. */
  async function sweep(): Promise<void> {
    await sweepExpiredTokens(models).catch((error: unknown) => {
      // Where the other side owns some of them it sweeps them itself, and the copy takes them away here: at every login,
      // and nothing that anybody must see to.
      const level = notOwner(error) === undefined ? 'warn' : 'debug';
      log[level]({ err: error }, 'expired tokens were not swept');
    });
  }

  function onReuse(userId: number): void {
    log.warn({ userId }, 'a spent refresh token came again: its session is revoked');
  }
}
