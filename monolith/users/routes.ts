import type { Router } from 'express';
import { exactRouter } from '#shared/http/exact-router.ts';
import { accountRoutes } from './account-routes.ts';
import { authRoutes } from './auth-routes.ts';
import { preferenceRoutes } from './preference-routes.ts';
import { profileRoutes } from './profile-routes.ts';
import type { UserRoutesOptions } from './routes.types.ts';

export type { UserRoutesOptions } from './routes.types.ts';

/**
 * `/users…` and `/auth…`. Mount it at the root, behind `jsonBody()` and before `notFound` and the error handlers; what
 * goes wrong is passed on as a Problem or as the database's own error. The contract wants answers without ETag, which
 * is a setting of the app (`app.set('etag', false)`).
 */
export function userRoutes(options: UserRoutesOptions): Router {
  const router = exactRouter();
  // Answers hold personal data and tokens (RFC 6749, section 5.1).
  router.use(['/users', '/auth'], (_request, response, next) => {
    response.set('Cache-Control', 'no-store');
    next();
  });
  router.use(accountRoutes(options), profileRoutes(options), preferenceRoutes(options), authRoutes(options));
  return router;
}
