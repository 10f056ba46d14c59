import type { Side } from '#flags/stages.ts';
import type { SparseHistogram } from '#shared/telemetry/latency-histogram.ts';
import { filledIn, type AnalysisOptions } from './compare/analysis-options.ts';
import type { Difference } from './compare/difference.ts';
import { evidenceKey, outcomeOf } from './compare/evidence-of.ts';
import { otherPaths, type Group } from './compare/groups.ts';
import { headerChoice } from './compare/header-choice.ts';
import { pairComparer, type ComparedPair } from './compare/pair-comparer.ts';
import { redactor } from './compare/redact.ts';
import { routeCounts, takeRouteDelta, type RouteCounts } from './compare/route-counts.ts';
import { ruleSet, type RuleSet } from './compare/rules.ts';
import type { FindingDelta, ShadowDelta } from './delta.types.ts';
import type { Pair } from './pair.types.ts';

export type { AnalysisOptions } from './compare/analysis-options.ts';
export { firstSightChoice } from './compare/header-choice.ts';

/** What one pair turned out to be. `noise` and `expected` are differences that are explained. */
export type PairVerdict = 'same' | 'different' | 'noise' | 'expected' | 'undecodable';

/** Pairs that were the same at first sight, counted where they were seen. */
export interface SameBatch {
  readonly migration: string;
  readonly route: string;
  readonly primarySide: Side;
  readonly pairs: number;
  /** How many of them were chosen to measure noise as well, the primary's second answer being the same, too. */
  readonly noiseSamples: number;
  readonly latency: { readonly primary: SparseHistogram; readonly shadow: SparseHistogram };
}

/** From pairs to deltas: no sockets, no clock, memory bounded whatever the traffic. Made for a worker thread. */
export interface ShadowAnalysis {
  /**
   * Compares one pair and counts it. Two kinds of pair are not counted: one that is different, while `nearWrite`, which is
   * to come again as a `recheck`; and one that comes again with `againWhy: 'differed'`, which adds to the evidence alone. Never throws.
   */
  take(pair: Pair): PairVerdict;
  /**
   * Whether the request of the pair just taken should be put to the primary once more, to tell noise from difference. Best a
   * second or two later, so that slow clocks have moved on. The pair then comes with that answer as `again` and
   * `againWhy: 'differed'`.
   */
  wantsAgain(): boolean;
  countSame(batch: SameBatch): void;
  /** @param now milliseconds since 1970 */
  flush(now: number): ShadowDelta;
}

const dayMs = 24 * 3_600_000;
/**
 * Part of all pairs that is still asked about for one path whose noise is settled: a difference may lie in it or begin. A path
 * that seldom differs is asked about each time, one that always does in one pair of a hundred.
 */
const noiseAsked = 0.01;

/**
 * @param now milliseconds since 1970 at which counting begins
 * @param random 0 to 1; chooses samples
 */
export function shadowAnalysis(
  options: AnalysisOptions,
  { now, random = Math.random }: { readonly now: number; readonly random?: () => number },
): ShadowAnalysis {
  const { bounds, alpha } = filledIn(options);
  const redact = redactor(options.redact, bounds.maxValueCharacters);
  const migrations = new Map(
    Object.entries(options.migrations).map(([name, { compareHeaders, rules }]) => [
      name,
      { rules, compare: pairComparer(headerChoice(compareHeaders), bounds) },
    ]),
  );
  const unknown = { rules: [], compare: pairComparer(headerChoice(undefined), bounds) };
  const routes = new Map<string, RouteCounts>();
  let from = now;
  let isAskedAgain = false;

  const countsOf = ({
    migration,
    route,
    primarySide,
  }: Pick<Pair, 'migration' | 'route' | 'primarySide'>): RouteCounts => {
    const isOver = routes.size >= bounds.maxRoutes && !routes.has(`${migration} ${route} ${primarySide}`);
    const of = { migration, route: isOver ? 'other-routes' : route, primarySide };
    const key = `${of.migration} ${of.route} ${primarySide}`;
    let counts = routes.get(key);
    if (counts === undefined) {
      counts = routeCounts(of, { maxGroups: bounds.maxGroups, alpha });
      routes.set(key, counts);
    }
    return counts;
  };

  const rulesOf = (counts: RouteCounts, at: number): RuleSet => {
    if (counts.rules === undefined || at >= counts.rules.until) {
      const { rules } = migrations.get(counts.migration) ?? unknown;
      // Rules end with a day, so a set is good for the rest of its day.
      counts.rules = {
        set: ruleSet(rules, { route: counts.route, now: at }),
        until: (Math.floor(at / dayMs) + 1) * dayMs,
      };
    }
    return counts.rules.set;
  };

  const countDifference = (group: Group, difference: Difference, pair: Pair): void => {
    group.pairs += 1;
    if (group.firstSeen === 0) group.firstSeen = pair.at;
    group.firstSeen = Math.min(group.firstSeen, pair.at);
    group.lastSeen = Math.max(group.lastSeen, pair.at);
    // A reservoir: each pair since the last delta is as likely to be shown, and few are ever redacted.
    group.candidates += 1;
    const place =
      group.samples.length < bounds.maxSamples
        ? group.samples.length
        : Math.floor(random() * group.candidates);
    if (place < bounds.maxSamples) group.samples[place] = redact.sample(pair.request, difference, pair.at);
  };

  const learn = (counts: RouteCounts, { differences, again }: ComparedPair): void => {
    if (again === undefined) return;
    const learned = new Set<string>();
    for (const difference of differences) {
      const key = evidenceKey(difference);
      if (learned.has(key)) continue;
      learned.add(key);
      counts.groups.learn(difference, outcomeOf(key, { self: again.selfKeys, cross: again.crossKeys }));
    }
  };

  const verdictOfPair = (counts: RouteCounts, compared: ComparedPair): PairVerdict => {
    if (compared.differences.length === 0) return compared.isDecodable ? 'same' : 'undecodable';
    const unexpected = compared.differences.filter(({ expected }) => expected === undefined);
    if (unexpected.length === 0) return compared.isCut ? 'different' : 'expected';
    const isNoise = unexpected.every((difference) => counts.groups.known(difference).verdict === 'noise');
    return isNoise && !compared.isCut ? 'noise' : 'different';
  };

  const asksAgain = (counts: RouteCounts, pair: Pair, { differences }: ComparedPair): boolean =>
    pair.again === undefined &&
    differences.some((difference) => {
      if (difference.expected !== undefined) return false;
      const { verdict, pairs } = counts.groups.known(difference);
      return verdict === 'undecided' || (verdict === 'noise' && random() * pairs < noiseAsked * counts.total);
    });

  const count = (counts: RouteCounts, pair: Pair, compared: ComparedPair): void => {
    counts.latency.primary.add(pair.primary.durationMs);
    counts.latency.shadow.add(pair.shadow.durationMs);
    counts.compared += 1;
    counts.total += 1;
    if (pair.againWhy === 'sampled' && compared.again !== undefined) {
      counts.noiseSamples += 1;
      for (const difference of compared.again.self) counts.groups.of(difference).selfDiffered += 1;
    }
    const seen = new Set<Group>();
    for (const difference of compared.differences) {
      const group = counts.groups.of(difference);
      if (seen.has(group)) continue;
      seen.add(group);
      counts.groups.saw(difference);
      countDifference(group, difference, pair);
    }
    if (compared.isCut) {
      const rest = counts.groups.of(cutMark);
      if (!seen.has(rest)) countDifference(rest, cutMark, pair);
    }
  };

  return {
    take(pair) {
      isAskedAgain = false;
      const counts = countsOf(pair);
      const { compare } = migrations.get(pair.migration) ?? unknown;
      const compared = compare(pair, rulesOf(counts, pair.at));
      if (pair.againWhy === 'differed') {
        learn(counts, compared);
        return verdictOfPair(counts, compared);
      }
      const verdict = verdictOfPair(counts, compared);
      if (verdict === 'undecodable') {
        counts.undecodable += 1;
        return verdict;
      }
      if (verdict === 'different' && pair.nearWrite) return verdict;
      count(counts, pair, compared);
      learn(counts, compared);
      if (pair.recheck && verdict === 'same') counts.raced += 1;
      else if (verdict === 'different') counts.different += 1;
      else counts.same += 1;
      isAskedAgain = asksAgain(counts, pair, compared);
      return verdict;
    },
    wantsAgain: () => isAskedAgain,
    countSame({ pairs, noiseSamples, latency, ...of }) {
      const counts = countsOf(of);
      counts.compared += pairs;
      counts.total += pairs;
      counts.same += pairs;
      counts.noiseSamples += noiseSamples;
      counts.latency.primary.addAll(latency.primary);
      counts.latency.shadow.addAll(latency.shadow);
    },
    flush(now) {
      const deltas = [...routes.values()];
      const delta: ShadowDelta = {
        from,
        to: now,
        routes: deltas.flatMap((counts) => takeRouteDelta(counts) ?? []),
        findings: deltas.flatMap(findingsOf),
      };
      from = now;
      return delta;
    },
  };
}

/** Stands for the differences of a pair that were too many to be told one by one. */
const cutMark: Difference = {
  place: 'body',
  path: otherPaths,
  kind: 'value',
  steps: [],
  primary: { text: 'more paths than are kept of one pair' },
  shadow: { text: 'more paths than are kept of one pair' },
  expected: undefined,
};

function findingsOf({ migration, route, primarySide, groups }: RouteCounts): FindingDelta[] {
  return Array.from(groups.takeChanged(), (group) => {
    const { place, path, kind, pairs, selfDiffered, evidence, expected, firstSeen, lastSeen, samples } =
      group;
    return {
      migration,
      route,
      primarySide,
      place,
      path,
      kind,
      pairs,
      selfDiffered,
      evidence,
      expected,
      firstSeen,
      lastSeen,
      samples,
    };
  });
}
