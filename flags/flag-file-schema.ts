import { z } from 'zod';
import { flagKeyPattern } from './definitions.ts';

// LaunchDarkly's flag data as its SDKs receive it, strict: a misspelt field is an error, never silence. Fields that may be
// missing may also be null, as LaunchDarkly sends them. What a field means is told here once, also to editors.

/** All weights of a rollout together: LaunchDarkly counts in thousandths of a percent. */
export const fullWeight = 100_000;

/** Operators that the SDK's evaluator knows; it takes any other for "does not match". */
const operators = [
  'in',
  'endsWith',
  'startsWith',
  'matches',
  'contains',
  'lessThan',
  'lessThanOrEqual',
  'greaterThan',
  'greaterThanOrEqual',
  'before',
  'after',
  'semVerEqual',
  'semVerLessThan',
  'semVerGreaterThan',
  'segmentMatch',
] as const;

const index = z
  .int('must be the index of a variation: 0, 1, …')
  .min(0, 'must be the index of a variation: 0, 1, …');
const flag = z.boolean('must be true or false').nullish();
const text = z.string('must be a text').nullish();
const contextKind = z
  .string('must be a context kind')
  .regex(/^(?!kind$)[\w.-]+$/, 'must be a context kind: letters, digits, dots, hyphens or underscores')
  .nullish()
  .describe('Kind of context that is looked at; LaunchDarkly takes "user" where there is none.');
const weight = z
  .int(`must be a whole number from 0 to ${fullWeight}`)
  .min(0, `must be a whole number from 0 to ${fullWeight}`)
  .max(fullWeight, `must be a whole number from 0 to ${fullWeight}`);
const deleted = z.literal(false, 'must be false; to delete something, remove it from the file').nullish();
const version = z.int('must be a whole number').min(0, 'must not be negative').nullish();
const keys = z.array(z.string('must be a key, in quotes'), 'must be a list of keys').nullish();

const rollout = z
  .strictObject(
    {
      kind: z.enum(['rollout', 'experiment'], 'must be rollout or experiment').nullish(),
      contextKind,
      bucketBy: text.describe('Attribute that is hashed. Default and only right one for a share: key.'),
      seed: z
        .int('must be a whole number')
        .nullish()
        .describe('Replaces the key and salt of the flag in the hash.'),
      variations: z
        .array(
          z.strictObject({
            variation: index,
            weight: weight.describe('Thousandths of a percent.'),
            untracked: flag,
          }),
          'must be a list of { variation, weight }',
        )
        .min(1, 'must list at least one { variation, weight }')
        .refine((list) => list.reduce((sum, { weight }) => sum + weight, 0) === fullWeight, {
          error: `must have weights that sum to ${fullWeight}`,
        })
        .describe('In the order in which they take their part of the range. Weights sum to 100000.'),
    },
    'must be a rollout: { contextKind, variations }',
  )
  .nullish();

const target = z.strictObject({
  contextKind,
  values: z.array(z.string('must be a key, in quotes'), 'must be a list of keys'),
  variation: index,
});

const clause = z.strictObject({
  contextKind,
  attribute: text,
  op: z.enum(operators, `must be one of ${operators.join(', ')}`),
  values: z.array(z.unknown(), 'must be a list'),
  negate: flag,
});

const clauses = z.array(clause, 'must be a list of clauses').nullish();

export const flagSchema = z.strictObject(
  {
    key: z.string('must be the name under which the flag stands').optional(),
    description: text.describe('For people; not evaluated.'),
    version,
    deleted,
    on: z.boolean('must be true or false').describe('false: everyone gets the off variation.'),
    variations: z
      .array(z.unknown(), 'must be a list of values')
      .min(1, 'must list at least one value')
      .describe('Read flag and kill switch: true and false. Migration flag: the stages.'),
    offVariation: index.nullish().describe('Index of the variation while `on` is false.'),
    fallthrough: z
      .strictObject({ variation: index.nullish(), rollout }, 'must be { variation } or { rollout }')
      .describe(
        'What is answered where no target and no rule matches: one variation, or a rollout (a share).',
      ),
    prerequisites: z
      .array(z.strictObject({ key: z.string('must be a flag key'), variation: index }), 'must be a list')
      .nullish(),
    targets: z.array(target, 'must be a list of targets').nullish(),
    contextTargets: z.array(target, 'must be a list of targets').nullish(),
    rules: z
      .array(
        z.strictObject({
          id: text,
          ref: text,
          clauses,
          variation: index.nullish(),
          rollout,
          trackEvents: flag,
        }),
        'must be a list of rules',
      )
      .nullish(),
    salt: text.describe('Part of the hash of a rollout. Never change it while a share rises.'),
    trackEvents: flag,
    trackEventsFallthrough: flag,
    debugEventsUntilDate: z.number('must be a time in milliseconds').nullish(),
    clientSide: flag,
    clientSideAvailability: z.strictObject({ usingMobileKey: flag, usingEnvironmentId: flag }).nullish(),
    samplingRatio: z.int('must be a whole number').min(0, 'must not be negative').nullish(),
    excludeFromSummaries: flag,
    migration: z.strictObject({ checkRatio: z.int().min(0).nullish() }).nullish(),
  },
  'must be a flag: { on, variations, fallthrough, … }',
);

export const segmentSchema = z.strictObject(
  {
    key: z.string('must be the name under which the segment stands').optional(),
    description: text.describe('For people; not evaluated.'),
    version,
    deleted,
    included: keys,
    excluded: keys,
    includedContexts: z.array(z.strictObject({ contextKind, values: z.array(z.string()) })).nullish(),
    excludedContexts: z.array(z.strictObject({ contextKind, values: z.array(z.string()) })).nullish(),
    rules: z
      .array(
        z.strictObject({
          id: text,
          clauses,
          weight: weight.nullish(),
          bucketBy: text,
          rolloutContextKind: contextKind,
        }),
      )
      .nullish(),
    salt: text,
    unbounded: z
      .literal(
        false,
        'must be false: Banyan has no store for big segments, so nobody would be in it; list the keys',
      )
      .nullish(),
    unboundedContextKind: contextKind,
    generation: z.int().nullish(),
  },
  'must be a segment: { included, excluded, rules, … }',
);

/** Why a name of Object.prototype is refused: the SDK's own bookkeeping, in plain objects, trips over it. */
export const builtInKey = 'must have another key: this one is a built-in name of JavaScript';

const itemKey = z
  .string()
  .regex(flagKeyPattern, 'must have a key of 1-256 letters, digits, dots, hyphens or underscores')
  .refine((key) => !(key in Object.prototype), builtInKey);

export const flagFileSchema = z.strictObject(
  {
    $schema: z.string().optional().describe('Address of the schema, for editors.'),
    flags: z
      .record(itemKey, flagSchema, 'must be an object of flags by key')
      .optional()
      .describe('Whole flags, by key.'),
    flagValues: z
      .record(itemKey, z.unknown(), 'must be an object of values by flag key')
      .optional()
      .describe('Shorthand: a flag that answers everyone with this value.'),
    segments: z.record(itemKey, segmentSchema, 'must be an object of segments by key').optional(),
  },
  'must be an object: { "flags": { … }, "flagValues": { … }, "segments": { … } }',
);

export type FlagData = z.output<typeof flagSchema>;
export type SegmentData = z.output<typeof segmentSchema>;
export type RolloutData = NonNullable<NonNullable<FlagData['fallthrough']>['rollout']>;

/** JSON Schema (2020-12) of the flag file, for editors: name the written file in `$schema`. */
export function flagFileJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(flagFileSchema, { io: 'input', target: 'draft-2020-12' });
  return { $schema, title: 'Banyan flag file', ...schema };
}
