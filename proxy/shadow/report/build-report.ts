import { rateOf } from './interval.ts';
import { latencyReport } from './latency-report.ts';
import type { Coverage, FindingReport, Judge, RouteReport, ShadowReport, Verdict } from './report.types.ts';
import type { StoreStatus } from './store.types.ts';
import type { FindingTotals, RouteKey, RouteTotals, Totals } from './totals.types.ts';

/** Findings of one route in a report; the export has them all. */
const findingsShown = 50;

export interface BuildOptions {
  readonly judge: Judge;
  readonly store: StoreStatus;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly since?: number | undefined;
}

/** Concludes from sums. The same sums give the same report, wherever they were kept. */
export function buildReport(totals: Totals, { judge, store, now, since }: BuildOptions): ShadowReport {
  const findings = Map.groupBy(totals.findings, routeName);
  return {
    generatedAt: new Date(now).toISOString(),
    since: since === undefined ? undefined : new Date(since).toISOString(),
    store,
    routes: totals.routes
      .toSorted((a, b) => (routeName(a) < routeName(b) ? -1 : 1))
      .map((route) =>
        routeReport(route, judged(route, { findings: findings.get(routeName(route)) ?? [], judge })),
      ),
  };
}

/** The findings of one route with their verdicts, differences first, then by pairs. */
export function judged(
  route: RouteTotals,
  { findings, judge }: { readonly findings: readonly FindingTotals[]; readonly judge: Judge },
): FindingReport[] {
  const unexpected = findings.filter(({ expected }) => expected === undefined);
  const expected = findings.filter((finding) => finding.expected !== undefined);
  return [
    ...judge(unexpected, route).map(({ finding, verdict }) => findingReport(finding, { route, verdict })),
    ...expected.map((finding) => findingReport(finding, { route, verdict: 'expected' })),
  ].toSorted((a, b) => rank[a.verdict] - rank[b.verdict] || b.pairs - a.pairs || (a.id < b.id ? -1 : 1));
}

function findingReport(
  { firstSeen, lastSeen, ...totals }: FindingTotals,
  { route, verdict }: { readonly route: RouteTotals; readonly verdict: Verdict },
): FindingReport {
  return {
    ...totals,
    verdict,
    pairRate: rateOf(totals.pairs, route.compared),
    selfRate: rateOf(totals.selfDiffered, route.noiseSamples),
    firstSeen: new Date(firstSeen).toISOString(),
    lastSeen: new Date(lastSeen).toISOString(),
  };
}

export function routeName({ migration, route, primarySide }: RouteKey): string {
  return JSON.stringify([migration, route, primarySide]);
}

const rank: Readonly<Record<Verdict, number>> = { difference: 0, undecided: 1, noise: 2, expected: 3 };

function routeReport(route: RouteTotals, findings: readonly FindingReport[]): RouteReport {
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
