import { z } from 'zod';
import { count, duration, size } from './values.ts';

// Taking the copy: which requests also go to the other side, how many, and with what. Fields for `shadow:` at three places.

const percent = z
  .number('must be a number from 0 to 100')
  .min(0, 'must be at least 0')
  .max(100, 'must be at most 100');

const reserved =
  /^(?:connection|content-length|host|keep-alive|te|trailer|transfer-encoding|upgrade|x-request-id|banyan-.*)$/;

const headerName = z
  .string()
  .regex(/^[!#$%&'*+.^_`|~\w-]{1,64}$/, 'must be the name of a header, e.g. authorization')
  .transform((name) => name.toLowerCase())
  .refine((name) => !reserved.test(name), 'must be no header that frames the message or marks a copy');

/** No CR, LF or NUL may come into a header line, from the environment as little as from anywhere else (CWE-113). */
const headerValue = z
  .string('must be a text')
  .regex(/^[\t\x20-\x7e\x80-\xff]{1,4096}$/, 'must be a header value: 1-4096 characters, no line break');

const credentialRule = z
  .union(
    [z.enum(['forward', 'drop']), z.strictObject({ replace: z.record(headerName, headerValue).readonly() })],
    "must be forward, drop, or { replace: { authorization: '${NAME}' } } with no header that frames the message",
  )
  .default('forward');

/** Under `shadow:` at the top: bounds of one process. */
export const shadowProcessFields = {
  queue: count(1, 1_000_000)
    .default(1_000)
    .describe('Copies that wait at most; the newest is dropped and counted then. Default 1000.'),
  maxBodyBytes: size
    .refine((bytes) => bytes <= 16 * 1_048_576, 'must be at most 16MiB')
    .default(256 * 1_024)
    .describe(
      'Body of a request, and of an answer, that is copied; larger ones are skipped. Default 256KiB.',
    ),
  memory: size
    .refine((bytes) => bytes >= 1_048_576, 'must be at least 1MiB')
    .default(64 * 1_048_576)
    .describe('All copies of bodies together, in one process. Default 64MiB.'),
} as const;

/** Under `shadow:` of a migration. */
export const shadowMigrationFields = {
  share: percent
    .default(100)
    .describe('Percent of the keys whose reads are also sent to the other side. Sticky. Default 100.'),
  noise: percent
    .default(5)
    .describe('Percent of the compared requests that also go twice to the side that answered. Default 5.'),
  lag: duration
    .default(1_000)
    .describe(
      'A difference so soon after a write to the same key is looked at again before it counts. Default 1s.',
    ),
  rate: count(1, 1_000_000)
    .default(500)
    .describe('Copied requests a second at most, shared out over the workers. Default 500.'),
  timeout: duration.default(5_000).describe('For a whole copied request, to the last byte. Default 5s.'),
  maxConnections: count(1, 65_535)
    .default(64)
    .describe('Connections for copies, to each side; not those that clients wait for. Default 64.'),
  credentials: z
    .strictObject({ monolith: credentialRule, service: credentialRule })
    .prefault({})
    .describe(
      'What becomes of Authorization and Cookie in a copy to that side. `replace` drops both and sets its own. Default forward.',
    ),
} as const;

/** Under `shadow:` of a route; what it leaves out is as in its migration. */
export const shadowRouteFields = {
  share: percent.optional().describe('As in the migration, for this route alone.'),
  noise: percent.optional().describe('As in the migration, for this route alone.'),
  off: z.boolean().default(false).describe('Takes no copies of this route. Default false.'),
  unsafe: z
    .boolean()
    .default(false)
    .describe(
      'DANGER: also copies POST, PUT, PATCH and DELETE of this route, so that BOTH sides carry them out. Only for look-ups that change nothing, whatever their method. Default false.',
    ),
} as const;

/** Without the fields that other parts of the comparer add. */
export const shadowRoute = z.strictObject(shadowRouteFields);
export type ShadowRouteConfig = Readonly<z.output<typeof shadowRoute>>;
export type CredentialRule = z.output<typeof credentialRule>;
