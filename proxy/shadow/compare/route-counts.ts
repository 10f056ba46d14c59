import type { Side } from '#flags/stages.ts';
import type { RouteDelta } from '../delta.types.ts';
import { groups, type Groups } from './groups.ts';
import { fillingHistogram, type FillingHistogram } from './histogram.ts';
import type { RuleSet } from './rules.ts';

/** One route with one primary side: its counts since the last delta, and its groups. */
export interface RouteCounts {
  readonly migration: string;
  readonly route: string;
  readonly primarySide: Side;
  readonly groups: Groups;
  /** Compared since the process began, for rates. */
  total: number;
  compared: number;
  same: number;
  different: number;
  raced: number;
  noiseSamples: number;
  undecodable: number;
  readonly latency: { readonly primary: FillingHistogram; readonly shadow: FillingHistogram };
  /** What applies to it, and the moment from which that has to be asked anew. */
  rules: { readonly set: RuleSet; readonly until: number } | undefined;
}

export function routeCounts(
  of: Pick<RouteCounts, 'migration' | 'route' | 'primarySide'>,
  bounds: { readonly maxGroups: number; readonly alpha: number },
): RouteCounts {
  return {
    ...of,
    groups: groups({ most: bounds.maxGroups, alpha: bounds.alpha }),
    total: 0,
    compared: 0,
    same: 0,
    different: 0,
    raced: 0,
    noiseSamples: 0,
    undecodable: 0,
    latency: { primary: fillingHistogram(), shadow: fillingHistogram() },
    rules: undefined,
  };
}

/** @returns what was counted since the last call; `undefined` where that is nothing */
export function takeRouteDelta(counts: RouteCounts): RouteDelta | undefined {
  const { migration, route, primarySide, compared, same, different, raced, noiseSamples, undecodable } =
    counts;
  if (compared === 0 && undecodable === 0 && noiseSamples === 0) return undefined;
  Object.assign(counts, { compared: 0, same: 0, different: 0, raced: 0, noiseSamples: 0, undecodable: 0 });
  return {
    migration,
    route,
    primarySide,
    eligible: 0,
    compared,
    same,
    different,
    raced,
    noiseSamples,
    skipped: undecodable === 0 ? {} : { undecodable },
    shadowFailures: {},
    latency: { primary: counts.latency.primary.take(), shadow: counts.latency.shadow.take() },
  };
}
