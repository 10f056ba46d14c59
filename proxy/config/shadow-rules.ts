import { z } from 'zod';
import { parseJsonPath } from './json-path.ts';
import { duration, fraction, name } from './values.ts';

// Which differences between two answers count. Nothing here is kept for good: each rule names who answers for it, and ends.

export const differenceKinds = [
  'missing',
  'extra',
  'type',
  'value',
  'order',
  'length',
  'undecodable',
] as const;

/** How two values can be made alike before they are compared. A closed list: each has one meaning, told in `normalise`. */
export const normalisers = [
  'lowercase',
  'trim',
  'collapse-space',
  'unicode-nfc',
  'url',
  'uuid',
  'iso-instant',
  'scalar-text',
  'null-is-missing',
] as const;

const jsonPath = z.string('must be a path').superRefine((text, context) => {
  const parsed = parseJsonPath(text);
  if ('problem' in parsed) context.addIssue({ code: 'custom', message: parsed.problem });
});

const headerName = z
  .string('must be the name of a header')
  .regex(/^[\w.-]{1,128}$/, 'must be the name of a header, e.g. etag, or of one cookie, e.g. set-cookie.sid')
  .transform((text) => text.toLowerCase());

/** The last day of a rule; it ends with that day in UTC. */
const day = z
  .string('must be a day, e.g. 2027-01-31')
  .refine(
    (text) => /^\d{4}-\d\d-\d\d$/.test(text) && isDay(text),
    'must be a day that exists, e.g. 2027-01-31',
  );

const normaliser = z.enum(normalisers, `must be one of ${normalisers.join(', ')}`);

export const shadowRule = z
  .strictObject({
    routes: z.array(name).min(1).optional().describe('Routes that it is for. Default: all of the migration.'),
    path: jsonPath
      .optional()
      .describe(
        'Where in a JSON body: $.a.b, $.items[*].id, $.list[0], $["odd name"], $.a.*, $..name (at any depth).',
      ),
    header: headerName.optional().describe('Or which header; one cookie of several is set-cookie.NAME.'),
    status: z.literal(true).optional().describe('Or the status code.'),
    kinds: z
      .array(z.enum(differenceKinds, `must be one of ${differenceKinds.join(', ')}`))
      .min(1)
      .optional()
      .describe('With ignore and expect: only differences of these kinds. Default: all.'),
    ignore: z.literal(true).optional().describe('What lies here, with all below, is not compared.'),
    expect: z
      .literal(true)
      .optional()
      .describe('Differences here, and below, are expected: they are counted apart and fail nothing.'),
    tolerance: z
      .strictObject({
        absolute: z.number().min(0).optional().describe('Numbers may differ by this much.'),
        relative: fraction.optional().describe('Or by this part of the larger one, e.g. 0.001.'),
      })
      .optional()
      .describe('Numbers are equal within it. Exact for numbers of any size.'),
    timeTolerance: duration
      .optional()
      .describe(
        'Times (ISO 8601, HTTP dates, seconds or milliseconds since 1970) are equal within it, e.g. 2s.',
      ),
    unordered: z
      .union([
        z.literal(true),
        z.strictObject({ key: z.string().min(1).max(128).describe('Member that names an element.') }),
      ])
      .optional()
      .describe(
        'The array here has no sequence: true compares it as a multiset, { key: id } matches elements.',
      ),
    normalise: z
      .union([normaliser, z.array(normaliser).min(1)])
      .transform((names) => (typeof names === 'string' ? [names] : names))
      .optional()
      .describe(
        'Equal after this: lowercase; trim; collapse-space; unicode-nfc; url (as a browser writes it); uuid (case, braces, ' +
          'urn:uuid:); iso-instant (the same moment in another zone or precision); scalar-text (1 is "1"); null-is-missing.',
      ),
    mapId: name
      .optional()
      .describe(
        'The ids here differ by side, one to one. Rules that give the same name share what was learned.',
      ),
    owner: z.string('must say who answers for it').min(1).max(120).describe('Who answers for it.'),
    reason: z
      .string('must say why')
      .min(1)
      .max(500)
      .describe('Why the difference is right, or does not matter.'),
    expires: day.describe('Last day, in UTC. After it the rule does nothing and `banyan check` fails.'),
  })
  .describe('One place (path, header or status) and one effect on how it is compared.');

export type ShadowRuleConfig = Readonly<z.output<typeof shadowRule>>;

/** What compares, among the fields of `migrations.*.shadow`. */
export const shadowRuleFields = {
  compareHeaders: z
    .array(z.union([z.literal('*'), headerName]))
    .optional()
    .describe(
      'Headers that count. Default: those that clients act on, such as content-type, location, cache-control and ' +
        'set-cookie. "*" stands for all but those of the connection.',
    ),
  rules: z.array(shadowRule).default([]).describe('What may differ, where, until when and who says so.'),
} as const;

const redactDetectors = ['email', 'phone', 'card', 'token'] as const;

/** What is hidden in the samples of findings, among the fields of `shadow`. */
export const shadowRedact = z
  .strictObject({
    paths: z
      .array(jsonPath)
      .default(['$..password', '$..secret', '$..token'])
      .describe(
        'Parts of JSON bodies that are never shown; a $..name also hides query parameters of that name.',
      ),
    headers: z
      .array(headerName)
      .default(['authorization', 'proxy-authorization', 'cookie', 'set-cookie', 'x-api-key'])
      .describe('Headers whose values are never shown.'),
    detectors: z
      .array(z.enum(redactDetectors, `must be one of ${redactDetectors.join(', ')}`))
      .default([...redactDetectors])
      .describe('What is found by its look and hidden wherever it stands. Default: all four.'),
  })
  .describe(
    'Samples of findings are shown to people and kept: this is hidden in them before they leave the proxy.',
  );

export type RedactConfig = Readonly<z.output<typeof shadowRedact>>;

function isDay(text: string): boolean {
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/** @returns milliseconds since 1970 from which a rule that expires on `day` does nothing */
export function endOfDay(day: string): number {
  return Date.parse(`${day}T00:00:00Z`) + 24 * 3_600_000;
}
