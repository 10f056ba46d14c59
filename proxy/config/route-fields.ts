import { z } from 'zod';
import { wrongMatch } from './route-match.ts';

// Fields that more than one kind of route has.

export const keySource = z
  .union(
    [
      z
        .strictObject({ path: z.string().regex(/^\w{1,64}$/) })
        .describe('A parameter of the path, e.g. { path: id }.'),
      z
        .strictObject({ header: z.string().regex(/^[\w-]{1,64}$/) })
        .describe(
          'A header that the gateway sets, e.g. { header: x-consumer-id }. Strip it there when clients send it.',
        ),
      z
        .strictObject({ cookie: z.string().regex(/^[\w.-]{1,64}$/) })
        .describe('A cookie, e.g. { cookie: sid }.'),
      z
        .strictObject({ jwtClaim: z.string().regex(/^[\w.:/-]{1,128}$/) })
        .describe(
          'A claim of the bearer JWT. It is read, not verified: the gateway does that. It picks a cohort, no right.',
        ),
    ],
    'must name one source of the key: { path: … }, { header: … }, { cookie: … } or { jwtClaim: … }',
  )
  .describe('What decides, for one request, on which side of a share it lies. The same key keeps its side.');

export const routeMatch = z
  .string('must be a method and a path, e.g. GET /items/:id')
  .regex(/^[A-Z][A-Z-]* \/[^\s?#]*$/, {
    error: 'must be a method in capitals, one space and a path without a query, e.g. GET /items/:id',
    abort: true,
  })
  .refine((text) => !/[()*\\]/.test(text), {
    error: 'must use :name for a segment; patterns, ( ) and * are not taken',
    abort: true,
  })
  .refine((text) => wrongMatch(text) === undefined, {
    error: ({ input }) => wrongMatch(String(input)),
  })
  .describe('Method and path; `:name` takes one segment. GET also takes HEAD.');
