import { buildReport, judged, routeName } from './build-report.ts';
import { findingTotals } from './finding-row.ts';
import type { FindingReport, Judge } from './report.types.ts';
import { routeTotals } from './route-slot.ts';
import { hourOf, slotOf } from './slots.ts';
import type { Amount, ShadowStore, StoreStatus } from './store.types.ts';
import { createTally, type RouteRow, type Tally } from './tally.ts';
import type { FindingTotals, ReportQuery, Totals } from './totals.types.ts';

export interface MemoryStoreOptions {
  /** Milliseconds. */
  readonly retention: number;
  readonly judge: Judge;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Sums kept at most; the oldest go first. Default 100,000, some ten megabytes. */
  readonly mostSums?: number;
}

const ageEveryMs = 60_000;

/** Keeps what this process saw while it lives. */
export function createMemoryStore(options: MemoryStoreOptions): ShadowStore {
  const { retention, judge, now = Date.now, mostSums = 100_000 } = options;
  const tally = createTally();
  let agedAt = -Infinity;
  let lost: Amount = { compared: 0, found: 0 };

  const age = (): void => {
    agedAt = now();
    tally.age(agedAt, hourOf(agedAt - retention));
    const more = tally.shrink(mostSums);
    lost = { compared: lost.compared + more.compared, found: lost.found + more.found };
  };
  const status = (): StoreStatus => ({
    kind: 'memory',
    state: 'current',
    waiting: { compared: 0, found: 0 },
    lost,
  });
  const each = function* (query: ReportQuery): Iterable<FindingReport> {
    const { routes, findings } = totalsOf(tally, query, now());
    const byRoute = Map.groupBy(findings, routeName);
    for (const route of routes)
      yield* judged(route, { findings: byRoute.get(routeName(route)) ?? [], judge });
  };

  return {
    add(delta) {
      tally.add(delta);
      if (now() - agedAt >= ageEveryMs) age();
    },
    async report(query = {}) {
      age();
      const since = query.since === undefined ? undefined : slotOf(query.since, now());
      return buildReport(totalsOf(tally, query, now()), { judge, store: status(), now: now(), since });
    },
    async *findings(query = {}) {
      age();
      yield* each(query);
    },
    async finding(id) {
      age();
      for (const finding of each({})) if (finding.id === id) return finding;
      return undefined;
    },
    status,
    close: async () => undefined,
  };
}

function totalsOf(tally: Tally, query: ReportQuery, now: number): Totals {
  const from = query.since === undefined ? -Infinity : slotOf(query.since, now);
  const rows = [...tally.routes.values()].filter(({ key }) => isWanted(key, query));
  return {
    routes: rows.flatMap((row) => routeFrom(row, from)),
    findings: rows.flatMap(({ findings }) =>
      [...findings.values()]
        .map((finding) => findingTotals(finding, from))
        .filter((finding): finding is FindingTotals => finding !== undefined),
    ),
  };
}

function routeFrom({ key, slots }: RouteRow, from: number): Totals['routes'] {
  const wanted = [...slots].filter(([at]) => at >= from).map(([, slot]) => slot);
  return wanted.length === 0 ? [] : [routeTotals(key, wanted)];
}

function isWanted(key: RouteRow['key'], { migration, route }: ReportQuery): boolean {
  return (
    (migration === undefined || key.migration === migration) && (route === undefined || key.route === route)
  );
}
