import express from 'express';
import type { RequestListener } from 'node:http';
import type { Pool } from 'pg';
import type { PasswordCost } from '#shared/credentials/password.ts';
import { jsonBody, notFound, problemHandler } from '#shared/http/express.ts';
import type { Logger } from '#shared/telemetry/log.ts';
import { authRoutes } from './auth/routes.ts';
import { openPool } from './database/pool.ts';
import { databaseErrors } from './database/unavailable.ts';
import { healthRoutes } from './health.ts';
import { preferenceRoutes } from './preferences/routes.ts';
import { profileRoutes } from './profiles/routes.ts';
import { userRoutes } from './users/routes.ts';

export interface UserServiceOptions {
  /** `postgres://user:password@host:port/database`, already migrated. */
  readonly databaseUrl: string;
  /** What a caller of `POST /auth/introspect` must send as its Bearer credentials, at least 16 characters. */
  readonly introspectionKey: string;
  readonly log: Logger;
  /** Connections to the database at most, 1-100. Default 10. */
  readonly maxConnections?: number;
  /** See `passwordCosts`. Default full. */
  readonly passwordCost?: PasswordCost | undefined;
}

export interface UserService {
  /** Answers by `docs/api/users.openapi.yaml`. Give it to `serve`. */
  readonly listener: RequestListener;
  /** Ends the database connections, once what runs on them has ended. Stop listening first. */
  close(): Promise<void>;
}

/** The user-service without a socket. Nothing connects before the first request. */
export function createUserService(options: UserServiceOptions): UserService {
  const { databaseUrl, introspectionKey, log, maxConnections = 10, passwordCost } = options;
  const pool: Pool = openPool({ databaseUrl, maxConnections, log });

  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use((_request, response, next) => {
    // Personal data and tokens (RFC 6749, 5.1): for no cache.
    response.set('Cache-Control', 'no-store');
    next();
  });
  app.use(healthRoutes(pool));
  app.use(jsonBody());
  app.use(userRoutes({ pool, passwordCost }));
  app.use(profileRoutes(pool));
  app.use(preferenceRoutes(pool));
  app.use(authRoutes({ pool, introspectionKey, log, passwordCost }));
  app.use(notFound);
  app.use(databaseErrors);
  app.use(problemHandler(log));

  return { listener: app, close: () => pool.end() };
}
