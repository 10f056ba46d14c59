import type { Side } from '#flags/stages.ts';
import { keySpaceOf } from '#proxy/config/key-space.ts';
import type { Config } from '#proxy/config/schema.ts';
import { createRouteCounts, type RouteCounts } from './route-counts.ts';

/** Which headers are compared; names in lower case. */
export interface ComparedHeaders {
  has(name: string): boolean;
}

/** What the configuration says about the copies of one route, with what has become of them. */
export interface RoutePlan {
  readonly migration: string;
  readonly route: string;
  /** Percent of the keys. */
  readonly share: number;
  /** Percent of what is compared. */
  readonly noise: number;
  /** Whether methods that change something are copied as well. */
  readonly unsafe: boolean;
  /** Where its key is found; empty where it has none. See `recent-writes.ts`. */
  readonly keySpace: string;
  readonly compared: ComparedHeaders;
  readonly counts: Readonly<Record<Side, RouteCounts>>;
}

/**
 * The plans by route name, those that are `off` left out.
 * @param compared headers that are compared in a migration
 */
export function routePlans(
  config: Config,
  compared: (migration: string) => ComparedHeaders,
): ReadonlyMap<string, RoutePlan> {
  const plans = new Map<string, RoutePlan>();
  for (const [migration, { routes, shadow }] of Object.entries(config.migrations)) {
    const chosen = compared(migration);
    // Bodies are compared as they came, so the coding that they came in counts whatever the configuration says.
    const names = { has: (name: string) => name === 'content-encoding' || chosen.has(name) };
    for (const { name, key, shadow: own } of routes) {
      if (own?.off === true) continue;
      const counts = (primarySide: Side): RouteCounts =>
        createRouteCounts({ migration, route: name, primarySide });
      plans.set(name, {
        migration,
        route: name,
        share: own?.share ?? shadow.share,
        noise: own?.noise ?? shadow.noise,
        unsafe: own?.unsafe ?? false,
        keySpace: keySpaceOf(key),
        compared: names,
        counts: { monolith: counts('monolith'), service: counts('service') },
      });
    }
  }
  return plans;
}
