import type { FlagDefinition } from './definitions.ts';
import { flagFileChecks, type FlagItems } from './flag-file-checks.ts';
import {
  builtInKey,
  flagFileSchema,
  flagSchema,
  segmentSchema,
  type FlagData,
  type SegmentData,
} from './flag-file-schema.ts';
import { flagProblem, type FlagProblem, type Path } from './problems.ts';

/** The checked content of a flag file: whole flags, the shorthand written out, every item with its key. */
export interface FlagFile {
  readonly flags: Readonly<Record<string, FlagData>>;
  readonly segments: Readonly<Record<string, SegmentData>>;
}

export type ParsedFlagFile = { readonly file: FlagFile } | { readonly problems: readonly FlagProblem[] };

/**
 * Checks the text of a flag file.
 * @param wanted flags that must be in it and be of their kind
 * @returns the file, or everything that is wrong with it, at once
 */
export function parseFlagFile(text: string, wanted: readonly FlagDefinition[] = []): ParsedFlagFile {
  let raw: unknown;
  try {
    raw = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    const reason = text.trim() === '' ? 'it is empty' : Error.isError(error) ? error.message : String(error);
    return { problems: [flagProblem([], undefined, `must be JSON: ${reason}`)] };
  }
  if (isTooDeep(raw))
    return { problems: [flagProblem([], undefined, `must not nest deeper than ${deepest} levels`)] };
  const shape = flagFileSchema.safeParse(raw);
  const problems = shape.success ? [] : shape.error.issues.flatMap((issue) => shapeProblems(issue, raw));
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return { problems };
  problems.push(...prototypeKeys(raw));
  const both = sharedKeys(raw).map((key) => {
    return flagProblem(
      ['flagValues', key],
      at(raw, ['flagValues', key]),
      'stands under flags as well; keep one of the two',
    );
  });
  const items = soundItems(raw);
  problems.push(...both, ...flagFileChecks(items, wanted));
  if (problems.length > 0) return { problems };
  return { file: { flags: withKeys(items.flags), segments: withKeys(items.segments) } };
}

const deepest = 64;

/** Level by level, without recursion: what is nested too deep would overflow the stack of whoever walks it. */
function isTooDeep(raw: unknown): boolean {
  let level: unknown[] = [raw];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > deepest) return true;
    level = level.flatMap((value) =>
      typeof value === 'object' && value !== null ? Object.values(value) : [],
    );
  }
  return false;
}

/** Every item that can be read by itself, so that one broken flag does not hide what is wrong with the others. */
function soundItems(raw: unknown): FlagItems {
  const rawFlags = entries(at(raw, ['flags']));
  const rawValues = entries(at(raw, ['flagValues']));
  const rawSegments = entries(at(raw, ['segments']));
  const flags = new Map<string, FlagData>();
  for (const [key, value] of rawValues)
    flags.set(key, { on: true, variations: [value], fallthrough: { variation: 0 } });
  for (const [key, value] of rawFlags) {
    const flag = flagSchema.safeParse(value);
    if (flag.success) flags.set(key, flag.data);
  }
  const segments = new Map<string, SegmentData>();
  for (const [key, value] of rawSegments) {
    const segment = segmentSchema.safeParse(value);
    if (segment.success) segments.set(key, segment.data);
  }
  return {
    flags,
    segments,
    shorthand: new Set(rawValues.map(([key]) => key)),
    flagKeys: new Set([...rawFlags, ...rawValues].map(([key]) => key)),
    segmentKeys: new Set(rawSegments.map(([key]) => key)),
  };
}

/** zod passes over this key in silence, and the SDK's plain objects would take it for their prototype. */
function prototypeKeys(raw: object): FlagProblem[] {
  return ['flags', 'flagValues', 'segments'].flatMap((field) => {
    const keys = entries(at(raw, [field])).map(([key]) => key);
    return keys.includes('__proto__') ? [flagProblem([field, '__proto__'], undefined, builtInKey)] : [];
  });
}

function sharedKeys(raw: unknown): string[] {
  const whole = new Set(entries(at(raw, ['flags'])).map(([key]) => key));
  return entries(at(raw, ['flagValues'])).flatMap(([key]) => (whole.has(key) ? [key] : []));
}

function withKeys<Item extends object>(
  items: ReadonlyMap<string, Item>,
): Record<string, Item & { readonly key: string }> {
  return Object.fromEntries([...items].map(([key, item]) => [key, { ...item, key }]));
}

/** zod's issue as ours: an unknown field is placed at the field itself and told which there are. */
function shapeProblems(
  issue: {
    readonly code?: string | undefined;
    readonly path: readonly PropertyKey[];
    readonly message: string;
    readonly keys?: readonly string[];
    readonly issues?: readonly { readonly message: string }[];
  },
  raw: unknown,
): FlagProblem[] {
  const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
  if (issue.code === 'unrecognized_keys' && issue.keys !== undefined) {
    return issue.keys.map((key) => {
      return flagProblem(
        [...path, key],
        at(raw, [...path, key]),
        'is no field here; correct its spelling, or remove it',
      );
    });
  }
  // The key of a flag or segment itself; its own messages lie one level down.
  if (issue.code === 'invalid_key') {
    return (issue.issues ?? []).map(({ message }) => flagProblem(path, undefined, message));
  }
  const value = at(raw, path);
  const message = value === undefined ? `is missing: it ${issue.message}` : issue.message;
  return [flagProblem(path, value, message)];
}

function at(raw: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, part) => {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    return (value as Readonly<Record<string | number, unknown>>)[part];
  }, raw);
}

function entries(value: unknown): [string, unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  return Object.entries(value);
}
