import { rateOf } from './interval.ts';
import { latencyReport } from './latency-report.ts';
import type {
  Coverage,
  FindingReport,
  GroupVerdict,
  RouteReport,
  ShadowReport,
  Verdict,
} from './report.types.ts';
import type { StoreStatus } from './store.types.ts';
import type { FindingTotals, RouteKey, RouteTotals, Totals } from './totals.types.ts';

/** Findings of one route in a report; the export has them all. */
const findingsShown = 50;

export interface BuildOptions {
  readonly verdict: GroupVerdict;
  readonly store: StoreStatus;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly since?: number | undefined;
}

/** Concludes from sums. The same sums give the same report, wherever they were kept. */
export function buildReport(totals: Totals, { verdict, store, now, since }: BuildOptions): ShadowReport {
  const findings = Map.groupBy(totals.findings, routeName);
  return {
    generatedAt: new Date(now).toISOString(),
    since: since === undefined ? undefined : new Date(since).toISOString(),
    store,
    routes: totals.routes
      .toSorted((a, b) => (routeName(a) < routeName(b) ? -1 : 1))
      .map((route) => routeReport(route, findings.get(routeName(route)) ?? [], verdict)),
  };
}

export function findingReport(
  totals: FindingTotals,
  { route, verdict }: { readonly route: RouteTotals | undefined; readonly verdict: GroupVerdict },
): FindingReport {
  const { id, migration, primarySide, place, path, kind, expected, pairs, selfDiffered } = totals;
  const compared = route?.compared ?? 0;
  const noiseSamples = route?.noiseSamples ?? 0;
  return {
    id,
    verdict:
      expected === undefined
        ? verdict({ pairs: compared, differed: pairs, noiseSamples, selfDiffered })
        : 'expected',
    migration,
    route: totals.route,
    primarySide,
    place,
    path,
    kind,
    expected,
    pairs,
    pairRate: rateOf(pairs, compared),
    selfDiffered,
    selfRate: rateOf(selfDiffered, noiseSamples),
    firstSeen: new Date(totals.firstSeen).toISOString(),
    lastSeen: new Date(totals.lastSeen).toISOString(),
    samples: totals.samples,
  };
}

export function routeName({ migration, route, primarySide }: RouteKey): string {
  return JSON.stringify([migration, route, primarySide]);
}

const rank: Readonly<Record<Verdict, number>> = { difference: 0, undecided: 1, noise: 2, expected: 3 };

function routeReport(
  route: RouteTotals,
  totals: readonly FindingTotals[],
  verdict: GroupVerdict,
): RouteReport {
  const findings = totals
    .map((finding) => findingReport(finding, { route, verdict }))
    .toSorted((a, b) => rank[a.verdict] - rank[b.verdict] || b.pairs - a.pairs || (a.id < b.id ? -1 : 1));
  const { migration, primarySide, compared, same, raced, noiseSamples, shadowFailures, crowdedOut } = route;
  const different = differentPairs(route, findings);
  return {
    migration,
    route: route.route,
    primarySide,
    coverage: coverageOf(route),
    same,
    different,
    differentAtFirst: route.different,
    raced,
    explained: Math.max(0, compared - same - different - raced),
    noiseSamples,
    differenceRate: rateOf(different, compared),
    shadowFailures,
    latency: { primary: latencyReport(route.primaryLatency), shadow: latencyReport(route.shadowLatency) },
    findings: findings.slice(0, findingsShown),
    leftOut: {
      findings: Math.max(0, findings.length - findingsShown),
      crowdedOutPairs: crowdedOut,
    },
  };
}

/**
 * Pairs whose difference stands after all that is known by now. The comparer counts a pair as different when it knows no
 * noise yet, so its count is the most; what is in no group but noise and expected ones was explained later. A pair that
 * is in two groups counts in both, so the sum of the groups is a bound as well, and the smaller one is told.
 */
function differentPairs({ different, crowdedOut }: RouteTotals, findings: readonly FindingReport[]): number {
  const standing = findings.filter(({ verdict }) => verdict === 'difference' || verdict === 'undecided');
  return Math.min(different, crowdedOut + standing.reduce((sum, { pairs }) => sum + pairs, 0));
}

function coverageOf({ eligible, compared, skipped }: RouteTotals): Coverage {
  const part = (count: number): number => (eligible > 0 ? Math.min(1, count / eligible) : 0);
  return {
    eligible,
    compared,
    part: eligible > 0 ? part(compared) : undefined,
    skipped: Object.entries(skipped)
      .map(([reason, count]) => ({ reason, count, part: part(count) }))
      .toSorted((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1)),
  };
}
