import type { SparseHistogram } from '#shared/telemetry/latency-histogram.ts';
import type { RouteDelta } from '../delta.types.ts';
import type { RouteKey, RouteTotals } from './totals.types.ts';

/** The sums of one route in one slot, as they grow. */
export interface RouteSlot {
  eligible: number;
  compared: number;
  same: number;
  different: number;
  raced: number;
  noiseSamples: number;
  crowdedOut: number;
  readonly skipped: Map<string, number>;
  readonly shadowFailures: Map<string, number>;
  readonly primaryLatency: Map<number, number>;
  readonly shadowLatency: Map<number, number>;
}

const sums = ['eligible', 'compared', 'same', 'different', 'raced', 'noiseSamples', 'crowdedOut'] as const;
const maps = ['skipped', 'shadowFailures', 'primaryLatency', 'shadowLatency'] as const;

/** More names than this are no closed list any more. */
const mostNames = 64;

export function emptyRouteSlot(): RouteSlot {
  return {
    eligible: 0,
    compared: 0,
    same: 0,
    different: 0,
    raced: 0,
    noiseSamples: 0,
    crowdedOut: 0,
    skipped: new Map(),
    shadowFailures: new Map(),
    primaryLatency: new Map(),
    shadowLatency: new Map(),
  };
}

export function addRouteDelta(slot: RouteSlot, delta: RouteDelta): void {
  slot.eligible += delta.eligible;
  slot.compared += delta.compared;
  slot.same += delta.same;
  slot.different += delta.different;
  slot.raced += delta.raced;
  slot.noiseSamples += delta.noiseSamples;
  addCounts(slot.skipped, Object.entries(delta.skipped));
  addCounts(slot.shadowFailures, Object.entries(delta.shadowFailures));
  addCounts(slot.primaryLatency, delta.latency.primary);
  addCounts(slot.shadowLatency, delta.latency.shadow);
}

export function addRouteSlot(slot: RouteSlot, other: RouteSlot): void {
  for (const name of sums) slot[name] += other[name];
  for (const name of maps) addCounts<string | number>(slot[name], other[name]);
}

export function routeTotals(key: RouteKey, slots: Iterable<RouteSlot>): RouteTotals {
  const sum = emptyRouteSlot();
  for (const slot of slots) addRouteSlot(sum, slot);
  return {
    ...key,
    ...sum,
    skipped: plain(sum.skipped),
    shadowFailures: plain(sum.shadowFailures),
    primaryLatency: sparse(sum.primaryLatency),
    shadowLatency: sparse(sum.shadowLatency),
  };
}

/** Without a prototype, by name. */
export function plain(counts: ReadonlyMap<string, number>): Record<string, number> {
  const sorted = [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.assign(Object.create(null), Object.fromEntries(sorted)) as Record<string, number>;
}

export function sparse(counts: ReadonlyMap<number, number>): SparseHistogram {
  return [...counts].toSorted(([a], [b]) => a - b);
}

function addCounts<Name extends string | number>(
  counts: Map<Name, number>,
  more: Iterable<readonly [Name, number | undefined]>,
): void {
  for (const [name, count = 0] of more) {
    if (count === 0) continue;
    const known = counts.get(name);
    if (known === undefined && typeof name === 'string' && counts.size >= mostNames) continue;
    counts.set(name, (known ?? 0) + count);
  }
}
