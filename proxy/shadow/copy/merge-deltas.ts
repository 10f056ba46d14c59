import { addHistograms } from '#shared/telemetry/latency-histogram.ts';
import type { RouteDelta, ShadowDelta } from '../delta.types.ts';

type Counts = Readonly<Record<string, number>>;

/** One entry for each route and primary side, as the main thread and the comparing thread each count a part. */
export function mergeRoutes(routes: readonly RouteDelta[]): RouteDelta[] {
  const merged = new Map<string, RouteDelta>();
  for (const route of routes) {
    const key = `${route.migration}\0${route.route}\0${route.primarySide}`;
    const other = merged.get(key);
    merged.set(key, other === undefined ? route : sumOf(other, route));
  }
  return [...merged.values()];
}

export function isEmpty(delta: ShadowDelta): boolean {
  return delta.routes.length === 0 && delta.findings.length === 0;
}

function sumOf(a: RouteDelta, b: RouteDelta): RouteDelta {
  return {
    migration: a.migration,
    route: a.route,
    primarySide: a.primarySide,
    eligible: a.eligible + b.eligible,
    compared: a.compared + b.compared,
    same: a.same + b.same,
    different: a.different + b.different,
    raced: a.raced + b.raced,
    noiseSamples: a.noiseSamples + b.noiseSamples,
    skipped: sumOfCounts(a.skipped, b.skipped),
    shadowFailures: sumOfCounts(a.shadowFailures, b.shadowFailures),
    latency: {
      primary: addHistograms(a.latency.primary, b.latency.primary),
      shadow: addHistograms(a.latency.shadow, b.latency.shadow),
    },
  };
}

export function sumOfCounts(...all: readonly Counts[]): Record<string, number> {
  const sum = Object.create(null) as Record<string, number>;
  for (const counts of all) {
    for (const [key, count] of Object.entries(counts)) sum[key] = (sum[key] ?? 0) + count;
  }
  return sum;
}
