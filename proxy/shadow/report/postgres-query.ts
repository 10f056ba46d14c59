import type { Pool } from 'pg';
import type { SparseHistogram } from '#shared/telemetry/latency-histogram.ts';
import type { FindingSample } from '../delta.types.ts';
import { routeName } from './build-report.ts';
import { plain } from './route-slot.ts';
import { slotOf } from './slots.ts';
import type { FindingTotals, ReportQuery, RouteKey, RouteTotals } from './totals.types.ts';

/** The sums of all routes that are asked for. */
export async function readRoutes(pool: Pool, query: ReportQuery, now: number): Promise<RouteTotals[]> {
  const values = valuesOf(query, now);
  const sums = await pool.query<SumRow>(routeSums, values);
  const counts = await pool.query<CountRow>(routeCounts, values);
  const latencies = await pool.query<LatencyRow>(routeLatencies, values);
  const counted = Map.groupBy(counts.rows, routeName);
  const timed = Map.groupBy(latencies.rows, routeName);
  return sums.rows.map((row) => {
    const name = routeName(row);
    const count = (what: CountRow['what']): Readonly<Record<string, number>> =>
      plain(
        new Map(
          counted.get(name)?.flatMap((c) => (c.what === what ? [[c.name, c.total] as const] : [])) ?? [],
        ),
      );
    const latency = (leg: LatencyRow['leg']): SparseHistogram =>
      timed.get(name)?.flatMap((l) => (l.leg === leg ? [[l.bucket, l.total] as const] : [])) ?? [];
    return {
      ...row,
      skipped: count('skipped'),
      shadowFailures: count('failure'),
      primaryLatency: latency('primary'),
      shadowLatency: latency('shadow'),
    };
  });
}

export interface FindingPage {
  readonly after?: string | undefined;
  readonly limit: number;
}

/** Findings by rising id. */
export async function readFindings(
  pool: Pool,
  query: ReportQuery & FindingPage,
  now: number,
): Promise<FindingTotals[]> {
  const { after = '', limit } = query;
  const { rows } = await pool.query<FindingRow>(findingSums, [...valuesOf(query, now), after, limit]);
  return rows.map(({ expected, firstSeen, lastSeen, samples, ...row }) => ({
    ...row,
    expected: expected ?? undefined,
    firstSeen: firstSeen.getTime(),
    lastSeen: lastSeen.getTime(),
    samples,
  }));
}

function valuesOf({ migration, route, since }: ReportQuery, now: number): unknown[] {
  const from = since === undefined ? '-infinity' : new Date(slotOf(since, now)).toISOString();
  return [migration ?? null, route ?? null, from];
}

interface SumRow extends RouteKey {
  readonly eligible: number;
  readonly compared: number;
  readonly same: number;
  readonly different: number;
  readonly raced: number;
  readonly noiseSamples: number;
  readonly crowdedOut: number;
}

interface CountRow extends RouteKey {
  readonly what: 'skipped' | 'failure';
  readonly name: string;
  readonly total: number;
}

interface LatencyRow extends RouteKey {
  readonly leg: 'primary' | 'shadow';
  readonly bucket: number;
  readonly total: number;
}

interface FindingRow extends Omit<FindingTotals, 'expected' | 'firstSeen' | 'lastSeen'> {
  readonly expected: string | null;
  readonly firstSeen: Date;
  readonly lastSeen: Date;
  readonly samples: FindingSample[];
}

const chosen = `($1::text is null or migration = $1) and ($2::text is null or route = $2)`;
const inTime = `${chosen} and slot >= $3::timestamptz`;
const key = `migration, route, primary_side as "primarySide"`;

const routeSums = `
  select ${key}, sum(eligible)::bigint as eligible, sum(compared)::bigint as compared, sum(same)::bigint as same,
         sum(different)::bigint as different, sum(raced)::bigint as raced,
         sum(noise_samples)::bigint as "noiseSamples", sum(crowded_out)::bigint as "crowdedOut"
  from shadow_routes where ${inTime} group by 1, 2, 3`;

const routeCounts = `
  select ${key}, what, name, sum(value::bigint)::bigint as total
  from shadow_routes
  cross join lateral (
    select 'skipped' as what, * from jsonb_each_text(skipped)
    union all
    select 'failure', * from jsonb_each_text(shadow_failures)
  ) as counts(what, name, value)
  where ${inTime} group by 1, 2, 3, 4, 5`;

const routeLatencies = `
  select ${key}, leg, (pair->>0)::int as bucket, sum((pair->>1)::bigint)::bigint as total
  from shadow_routes
  cross join lateral (
    select 'primary' as leg, * from jsonb_array_elements(primary_latency)
    union all
    select 'shadow', * from jsonb_array_elements(shadow_latency)
  ) as pairs(leg, pair)
  where ${inTime} group by 1, 2, 3, 4, 5 order by 5`;

const findingSums = `
  select id, ${key}, place, path, kind, expected, seen.pairs, seen.self_differed as "selfDiffered", seen.evidence,
         first_seen as "firstSeen", last_seen as "lastSeen",
         coalesce((
           select jsonb_agg(sample order by at desc, digest) from shadow_samples where finding = id
         ), '[]') as samples
  from shadow_findings
  join lateral (
    select sum(pairs)::bigint as pairs, sum(self_differed)::bigint as self_differed,
           jsonb_build_object('shadowAlone', sum(shadow_alone), 'primaryAlone', sum(primary_alone),
                              'allDiffer', sum(all_differ)) as evidence
    from shadow_finding_slots where finding = id and slot >= $3::timestamptz
  ) as seen on seen.pairs > 0 or seen.self_differed > 0
  where ${chosen} and id > $4
  order by id limit $5`;
