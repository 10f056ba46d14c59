import { parseFlagFile } from './flag-file.ts';
import type { FlagData } from './flag-file-schema.ts';

/** A flag as far as its plain answers go; see `FlagData`. */
export interface Answers {
  readonly on: boolean;
  readonly variations: readonly unknown[];
  readonly offVariation?: number | null | undefined;
  readonly fallthrough: {
    readonly variation?: number | null | undefined;
    readonly rollout?:
      | { readonly variations: readonly { readonly variation: number; readonly weight: number }[] }
      | null
      | undefined;
  };
}

/** The share of a read flag as its flag file has it. */
export interface Share {
  /** 0-100: the part of the keys that the service answers, exceptions apart. */
  readonly percent: number;
  /** Whether targets, rules or prerequisites come first, so that some keys may be answered otherwise. */
  readonly exceptions: boolean;
}

/**
 * Reads shares from the text of a flag file.
 * @returns by flag; one that is not there, or holds something else, is left out; `undefined` for a file that is malformed
 */
export function sharesIn(text: string, keys: readonly string[]): ReadonlyMap<string, Share> | undefined {
  const parsed = parseFlagFile(text);
  if ('problems' in parsed) return undefined;
  const { flags } = parsed.file;
  return new Map(
    keys.flatMap((key) => {
      const flag = Object.hasOwn(flags, key) ? flags[key] : undefined;
      if (flag === undefined || flag.variations.some((value) => typeof value !== 'boolean')) return [];
      return [[key, { percent: percentOf(flag), exceptions: hasExceptions(flag) }] as const];
    }),
  );
}

/** Percent of the keys that get true, targets and rules apart. */
export function percentOf(flag: Answers): number {
  const { rollout } = flag.fallthrough;
  if (!flag.on || !rollout) return plainValue(flag) === true ? 100 : 0;
  const given = rollout.variations.filter(({ variation }) => flag.variations[variation] === true);
  return given.reduce((sum, { weight }) => sum + weight, 0) / 1_000;
}

/** What everyone gets, targets and rules apart; `undefined` where it depends on the key. */
export function plainValue({ on, variations, offVariation, fallthrough }: Answers): unknown {
  const variation = on ? fallthrough.variation : offVariation;
  return typeof variation === 'number' ? variations[variation] : undefined;
}

function hasExceptions({ on, targets, contextTargets, rules, prerequisites }: FlagData): boolean {
  return on && [targets, contextTargets, rules, prerequisites].some((list) => (list ?? []).length > 0);
}
