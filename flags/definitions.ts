/**
 * Flags decide where a request goes. They are LaunchDarkly's: its data format, its evaluator, its bucketing. Which flags
 * there are stands in the configuration; which KINDS there are stands here, and nowhere else.
 *
 * | kind | values | asked for | answers when it cannot be asked |
 * |---|---|---|---|
 * | migration flag | the six stages, see `stages.ts` | a context `migration` whose key is the migration's name | its last good stage |
 * | read flag | true: the service answers | a context `routing-key` whose key is the request's key | false |
 * | kill switch | true: killed | as the migration flag | its last good position |
 *
 * A flag cannot be asked when it was deleted, has another type, is rolled out wrongly or makes the evaluator fail. To take
 * the stage for `off` then would send the writes back to a monolith that no longer owns the data, and to take a kill
 * switch for off would send the reads back to what it was thrown against. A process that never saw a good answer has only
 * `off` and "not killed" to go by, and says so.
 *
 * The flag file holds LaunchDarkly's own flag data (`flagFileJsonSchema` describes it for editors):
 *
 *     {
 *       "flags": {
 *         "catalogue-stage": {
 *           "on": true, "variations": ["off", "dualwrite", "shadow", "live", "rampdown", "complete"],
 *           "fallthrough": { "variation": 2 }, "offVariation": 0
 *         },
 *         "catalogue-reads": {
 *           "on": true, "variations": [true, false], "offVariation": 1, "salt": "b7c1",
 *           "fallthrough": { "rollout": { "contextKind": "routing-key", "variations": [
 *             { "variation": 0, "weight": 12500 }, { "variation": 1, "weight": 87500 } ] } }
 *         }
 *       },
 *       "flagValues": { "catalogue-kill": false },
 *       "segments": {}
 *     }
 *
 * A share is a rollout over `routing-key` by its key; weights are thousandths of a percent and sum to 100000. Never change
 * the `salt` or the key of a flag on the way up: every key would draw its side anew. Targets, rules, segments and
 * prerequisites work as in LaunchDarkly. A rollout over another kind or attribute is refused: LaunchDarkly puts whatever
 * lacks the attribute into bucket 0, which would send everybody to the first variation.
 */
import { createHash } from 'node:crypto';
import { isStage, type Stage } from './stages.ts';

/** The context kind that read flags are asked for: one request, by the key that its route names. */
export const routingKeyKind = 'routing-key';

/** The context kind that migration flags and kill switches are asked for: one migration, by its name. */
export const migrationKind = 'migration';

export interface MigrationFlag {
  readonly kind: 'migration';
  readonly key: string;
  readonly migration: string;
}

export interface ReadFlag {
  readonly kind: 'read';
  readonly key: string;
}

export interface KillSwitch {
  readonly kind: 'kill';
  readonly key: string;
  readonly migration: string;
}

export type FlagDefinition = MigrationFlag | ReadFlag | KillSwitch;
export type FlagKind = FlagDefinition['kind'];
export type FlagValue = Stage | boolean;

/** What a kind means, for evaluation and for validation. */
export interface FlagKindRule {
  /** As in messages: "a read flag". */
  readonly name: string;
  readonly contextKind: string;
  /** The answer when the flag cannot be asked and no earlier one stays in force. */
  readonly safe: FlagValue;
  /** Told with it. */
  readonly safeMeans: string;
  /** An answer in words. */
  readonly tell: (value: FlagValue) => string;
  /** Whether the last good answer stays in force when the flag cannot be asked. */
  readonly keeps: boolean;
  /** Whether a flag that is off, and has no variation for that, answers `safe`; else it cannot be asked. */
  readonly offIsSafe: boolean;
  readonly accepts: (value: unknown) => boolean;
  /** Completes "must be …". */
  readonly values: string;
}

export const flagKinds = {
  migration: {
    name: 'a migration flag',
    contextKind: migrationKind,
    safe: 'off',
    safeMeans:
      'this process has not seen a good stage yet and goes by off, so the monolith answers and takes the writes',
    tell: String,
    keeps: true,
    offIsSafe: false,
    accepts: isStage,
    values: 'one of off, dualwrite, shadow, live, rampdown, complete',
  },
  read: {
    name: 'a read flag',
    contextKind: routingKeyKind,
    safe: false,
    safeMeans: 'the safe answer is given',
    tell: onOrOff,
    keeps: false,
    offIsSafe: true,
    accepts: isBoolean,
    values: 'true or false',
  },
  kill: {
    name: 'a kill switch',
    contextKind: migrationKind,
    safe: false,
    safeMeans: 'this process has not seen a good position yet and goes by off, so nothing is killed',
    tell: onOrOff,
    keeps: true,
    // It is off, then.
    offIsSafe: true,
    accepts: isBoolean,
    values: 'true or false',
  },
} as const satisfies Readonly<Record<FlagKind, FlagKindRule>>;

/** LaunchDarkly's rule for flag and segment keys. */
export const flagKeyPattern = /^[\w.-]{1,256}$/;

/** @throws TypeError if `key` is no flag key or `migration` is empty */
export function migrationFlag(key: string, migration: string): MigrationFlag {
  return Object.freeze({ kind: 'migration', key: checkedKey(key), migration: checkedName(migration) });
}

/** @throws TypeError if `key` is no flag key */
export function readFlag(key: string): ReadFlag {
  return Object.freeze({ kind: 'read', key: checkedKey(key) });
}

/** @throws TypeError if `key` is no flag key or `migration` is empty */
export function killSwitch(key: string, migration: string): KillSwitch {
  return Object.freeze({ kind: 'kill', key: checkedKey(key), migration: checkedName(migration) });
}

declare const brand: unique symbol;

/** A key that may be asked for: made by `routingKey` alone, so that nobody evaluates a missing one by accident. */
export type RoutingKey = string & { readonly [brand]: true };

const longestKey = 512;

/**
 * The routing key of a request, from any text; `undefined` where there is none, or an empty one, which LaunchDarkly does
 * not take. A text over 512 characters is stood for by `sha256:` and its digest: what is hashed and sent stays bounded,
 * and different keys stay different.
 */
export function routingKey(text: string | undefined): RoutingKey | undefined {
  if (text === undefined || text === '') return undefined;
  if (text.length <= longestKey) return text as RoutingKey;
  return `sha256:${createHash('sha256').update(text).digest('base64url')}` as RoutingKey;
}

function onOrOff(value: FlagValue): string {
  return value === true ? 'on' : 'off';
}

function isBoolean(value: unknown): value is boolean {
  return typeof value === 'boolean';
}

function checkedKey(key: string): string {
  if (flagKeyPattern.test(key)) return key;
  throw new TypeError(`"${key}" is no flag key: write 1-256 letters, digits, dots, hyphens or underscores`);
}

function checkedName(migration: string): string {
  if (migration !== '') return migration;
  throw new TypeError('the name of a migration is empty: it is the key that its flags are asked for');
}
