import { z } from 'zod';
import { keySource, routeMatch } from './route-fields.ts';
import { duration, name } from './values.ts';

/** `staying[]` */
export const stayingRoute = z
  .strictObject({
    name: name.describe('Stands in metrics, logs and the admin API.'),
    match: routeMatch,
    waitsFor: z
      .array(name)
      .min(1, 'must name at least one migration')
      .describe('Migrations whose data it reads, by its own queries or by a foreign key.'),
    key: keySource
      .optional()
      .describe(
        'The key of what it reads, found as in the migration’s routes: only writes of that key are waited for. Default: any write.',
      ),
    waitWithin: duration
      .default(1_000)
      .describe('How long it waits for the copy; then it goes on, and is counted as stale. Default 1s.'),
  })
  .describe(
    'A route that stays with the default target, though it reads data that moves. Once that has moved, the default target has a copy, and the route waits until it is there.',
  );

export const stayingRoutes = z
  .array(stayingRoute)
  .default([])
  .describe('Routes of the default target that read data of a migration.');
