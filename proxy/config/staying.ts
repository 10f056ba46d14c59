import { z } from 'zod';
import { keySource, routeMatch } from './route-fields.ts';
import { duration, name } from './values.ts';
import { waitedName } from './waited-migration.ts';

const waited = z
  .string('must be the name of a migration, or group.dataset')
  .regex(waitedName, 'must be the name of a migration, or group.dataset');

/** `staying[]` */
export const stayingRoute = z
  .strictObject({
    name: name.describe('Stands in metrics, logs and the admin API.'),
    match: routeMatch,
    waitsFor: z
      .array(waited)
      .min(1, 'must name at least one migration or dataset')
      .describe(
        'What it reads, by its own queries or by a foreign key: migrations, or datasets as “group.dataset”. It waits for the copy of the whole migration, which is what is known.',
      ),
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
