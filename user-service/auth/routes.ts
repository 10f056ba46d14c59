import type { Router } from 'express';
import type { Pool } from 'pg';
import type { PasswordCost } from '#shared/credentials/password.ts';
import { exactRouter } from '#shared/http/exact-router.ts';
import { parse } from '#shared/http/express.ts';
import { notOwner } from '#shared/postgres/not-owner.ts';
import type { Logger } from '#shared/telemetry/log.ts';
import { authenticate, unauthenticated } from './caller.ts';
import { credentials, introspectionRequest, refreshRequest } from './fields.ts';
import { introspect, requireIntrospectionKey } from './introspection.ts';
import { login } from './login.ts';
import { endSession, rotateSession } from './session.ts';
import { sweepExpiredTokens } from './sweep.ts';

export interface AuthRoutesOptions {
  readonly pool: Pool;
  /** What a caller of introspection must hold. */
  readonly introspectionKey: string;
  readonly log: Logger;
  /** See `passwordCosts`. Default full. */
  readonly passwordCost?: PasswordCost | undefined;
}

/** `/auth/…` */
export function authRoutes({ pool, introspectionKey, log, passwordCost }: AuthRoutesOptions): Router {
  const router = exactRouter();

  router.post('/auth/login', async (request, response) => {
    const tokens = await login(pool, parse(credentials, request.body, 'body'), passwordCost);
    await sweepExpiredTokens(pool).catch((error: unknown) => {
      // The session stands; the next login sweeps again. Where the other side owns some of them it sweeps them itself,
      // and the copy takes them away here: nothing that anybody must see to.
      const level = notOwner(error) === undefined ? 'warn' : 'debug';
      log[level]({ err: error }, 'expired tokens were not swept');
    });
    response.json(tokens);
  });

  router.post('/auth/refresh', async (request, response) => {
    const { refreshToken } = parse(refreshRequest, request.body, 'body');
    const tokens = await rotateSession(pool, refreshToken);
    if (tokens === undefined) {
      throw unauthenticated('invalid-refresh-token', 'The refresh token does not count; log in again.');
    }
    response.json(tokens);
  });

  router.post('/auth/introspect', async (request, response) => {
    requireIntrospectionKey(request, introspectionKey);
    const { token } = parse(introspectionRequest, request.body, 'body');
    response.json(await introspect(pool, token));
  });

  router.post('/auth/logout', async (request, response) => {
    const { userId, sessionId } = await authenticate(pool, request);
    await endSession(pool, userId, sessionId);
    response.status(204).end();
  });

  return router;
}
