import { Router } from 'express';

/** Paths are case-sensitive and have no trailing slash, as the contracts say; Express would be lenient in both. */
export function exactRouter(): Router {
  return Router({ caseSensitive: true, strict: true });
}
