import { parseFlagFile } from './flag-file.ts';
import { fullWeight } from './flag-file-schema.ts';
import { flagFileError } from './problems.ts';
import {
  flagKinds,
  killSwitch,
  migrationFlag,
  readFlag,
  routingKeyKind,
  type FlagDefinition,
} from './definitions.ts';
import { percentOf, plainValue } from './share.ts';
import { isStage, stages, type Stage } from './stages.ts';

/** What an edit did, for the audit log. `from` is `undefined` where the file said nothing so simple. */
export interface FlagEdit<Value> {
  readonly text: string;
  readonly from: Value | undefined;
  readonly to: Value;
}

/** The flag file's JSON, as far as edits look into it; it was checked before. */
interface Document {
  flags?: Record<string, Flag>;
  flagValues?: Record<string, unknown>;
}

interface Flag {
  version?: number | null;
  on: boolean;
  variations: unknown[];
  offVariation?: number | null;
  fallthrough: Outcome;
}

interface Outcome {
  variation?: number | null;
  rollout?: Rollout | null;
}

interface Rollout {
  contextKind?: string | null;
  variations: { variation: number; weight: number }[];
}

/**
 * Sets the share of a read flag: the part of all keys that the service answers, and turns the flag on. Targets and rules
 * still come first. Keys are only ever added while the share rises: the order of the variations stays as it is (in a new
 * rollout true comes first), and so do salt and seed.
 * @param text the flag file
 * @param percent 0 to 100, with up to 3 decimals
 * @throws RangeError if `percent` is no such number, Error if the flag is not there or not a read flag
 */
export function withShare(text: string, flagKey: string, percent: number): FlagEdit<number> {
  const weight = Math.round(percent * 1_000);
  if (!(percent >= 0 && percent <= 100) || Math.abs(percent * 1_000 - weight) > 1e-6) {
    throw new RangeError(`a share is a number from 0 to 100 with up to 3 decimals, and not ${percent}`);
  }
  return edit(text, readFlag(flagKey), {
    value(flagValues) {
      const from = flagValues[flagKey] === true;
      if (percent !== 0 && percent !== 100) {
        throw new Error(
          `flag "${flagKey}" stands under flagValues, which knows no share but 0 and 100: write it under flags`,
        );
      }
      flagValues[flagKey] = percent === 100;
      return { from: from ? 100 : 0, to: percent };
    },
    flag(flag) {
      const sides = sidesOf(flag, flagKey);
      const from = percentOf(flag);
      const old = flag.fallthrough.rollout ?? { variations: [] };
      const parts = [...old.variations];
      for (const side of [sides.true, sides.false]) {
        const count = parts.filter((part) => part.variation === side).length;
        if (count === 0) parts.push({ variation: side, weight: 0 });
        if (count > 1)
          throw new Error(`flag "${flagKey}" has a rollout with several parts of one value: edit it by hand`);
      }
      const variations = parts.map((part) => {
        return { ...part, weight: part.variation === sides.true ? weight : fullWeight - weight };
      });
      flag.on = true;
      flag.fallthrough = { rollout: { ...old, contextKind: routingKeyKind, variations } };
      return { from, to: percent };
    },
  });
}

/**
 * Sets the stage of a migration flag, and turns the flag on. Targets and rules still come first.
 * @throws RangeError if there is no such stage, Error if the flag is not there, not a migration flag or without that stage
 */
export function withStage(text: string, flagKey: string, stage: Stage): FlagEdit<Stage> {
  if (!isStage(stage))
    throw new RangeError(`there is no stage "${String(stage)}"; there are: ${stages.join(', ')}`);
  return edit(text, migrationFlag(flagKey, 'any'), {
    value(flagValues) {
      const from = flagValues[flagKey];
      flagValues[flagKey] = stage;
      return { from: isStage(from) ? from : undefined, to: stage };
    },
    flag(flag) {
      const variation = flag.variations.indexOf(stage);
      if (variation === -1) {
        throw new Error(
          `flag "${flagKey}" has no variation "${stage}"; it has: ${flag.variations.join(', ')}`,
        );
      }
      const from = plainValue(flag);
      flag.on = true;
      flag.fallthrough = { variation };
      return { from: isStage(from) ? from : undefined, to: stage };
    },
  });
}

/**
 * Sets a kill switch. As LaunchDarkly has it: a flag that is on answers true, one that is off its off variation, false.
 * Targets and rules still come first while it is on.
 * @throws Error if the flag is not there, or not a kill switch
 */
export function withSwitch(text: string, flagKey: string, on: boolean): FlagEdit<boolean> {
  return edit(text, killSwitch(flagKey, 'any'), {
    value(flagValues) {
      const from = flagValues[flagKey] === true;
      flagValues[flagKey] = on;
      return { from, to: on };
    },
    flag(flag) {
      const sides = sidesOf(flag, flagKey);
      if (flag.fallthrough.rollout)
        throw new Error(`flag "${flagKey}" has a share, so it is a read flag: set its share`);
      const from = plainValue(flag);
      flag.on = on;
      flag.fallthrough = { variation: sides.true };
      flag.offVariation = sides.false;
      return { from: typeof from === 'boolean' ? from : undefined, to: on };
    },
  });
}

interface Change<Value> {
  readonly from: Value | undefined;
  readonly to: Value;
}

interface Edits<Value> {
  readonly value: (flagValues: Record<string, unknown>) => Change<Value>;
  readonly flag: (flag: Flag) => Change<Value>;
}

function edit<Value>(text: string, definition: FlagDefinition, edits: Edits<Value>): FlagEdit<Value> {
  // Never on top of a broken file: nobody would see whose fault it is.
  refuseProblems(text, []);
  const plain = text.replace(/^\uFEFF/, '');
  const document = JSON.parse(plain) as Document;
  const change = apply(document, definition, edits);
  const changed = JSON.stringify(document) !== JSON.stringify(JSON.parse(plain));
  const edited = changed ? `${JSON.stringify(document, undefined, 2)}\n` : text;
  // What the proxies would refuse is refused here, where somebody reads it.
  refuseProblems(edited, [definition]);
  return { text: edited, ...change };
}

function refuseProblems(text: string, wanted: readonly FlagDefinition[]): void {
  const parsed = parseFlagFile(text, wanted);
  if ('problems' in parsed) throw flagFileError('the flag file', parsed.problems);
}

function apply<Value>(document: Document, definition: FlagDefinition, edits: Edits<Value>): Change<Value> {
  const { flags = {}, flagValues = {} } = document;
  const { key, kind } = definition;
  if (Object.hasOwn(flagValues, key)) {
    const { accepts, name, values } = flagKinds[kind];
    if (accepts(flagValues[key])) return edits.value(flagValues);
    throw new Error(
      `flag "${key}" is not ${name}: it is ${JSON.stringify(flagValues[key])}, and not ${values}`,
    );
  }
  const flag = Object.hasOwn(flags, key) ? flags[key] : undefined;
  if (flag === undefined) {
    const known = [...Object.keys(flags), ...Object.keys(flagValues)];
    throw new Error(`there is no flag "${key}"; there are: ${known.join(', ') || 'none'}`);
  }
  const before = JSON.stringify(flag);
  const change = edits.flag(flag);
  if (typeof flag.version === 'number' && JSON.stringify(flag) !== before) flag.version += 1;
  return change;
}

interface Sides {
  readonly true: number;
  readonly false: number;
}

function sidesOf(flag: Flag, flagKey: string): Sides {
  const sides = { true: flag.variations.indexOf(true), false: flag.variations.indexOf(false) };
  if (sides.true !== -1 && sides.false !== -1) return sides;
  throw new Error(
    `flag "${flagKey}" must have the variations true and false, and has: ${flag.variations.join(', ')}`,
  );
}
