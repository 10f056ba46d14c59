import type { FindingDelta, RouteDelta, ShadowDelta } from '../delta.types.ts';
import { findingId } from './finding-id.ts';
import { addFindingDelta, addFindingSlot, emptyFindingRow, type FindingRow } from './finding-row.ts';
import { addRouteDelta, addRouteSlot, emptyRouteSlot, type RouteSlot } from './route-slot.ts';
import { hourOf, minuteOf, oldestMinute } from './slots.ts';
import { storable, storableExpected, storablePath } from './storable.ts';
import type { Amount } from './store.types.ts';
import type { RouteKey } from './totals.types.ts';

/** Groups that are kept of one route: those with the most pairs. What the others had is counted as crowded out. */
export const groupsKept = 200;

export interface RouteRow {
  readonly key: RouteKey;
  readonly slots: Map<number, RouteSlot>;
  readonly findings: Map<string, FindingRow>;
}

/** Sums of deltas by slot, within bounds: the memory store itself, and what waits for the state database. */
export interface Tally {
  readonly routes: ReadonlyMap<string, RouteRow>;
  add(delta: ShadowDelta): void;
  /** Makes hours of the minutes that are old by now, and forgets what is older than `before`. */
  age(now: number, before: number): void;
  /** Forgets the oldest slots until no more than `most` sums are kept. @returns what was in them */
  shrink(most: number): Amount;
  /** What it holds. */
  amount(): Amount;
  isEmpty(): boolean;
}

export function createTally(): Tally {
  const routes = new Map<string, RouteRow>();

  const rowOf = ({ migration, route, primarySide }: RouteKey): RouteRow => {
    const name = JSON.stringify([migration, route, primarySide]);
    const known = routes.get(name);
    if (known !== undefined) return known;
    const key = { migration: storable(migration, 100), route: storable(route, 100), primarySide };
    const row: RouteRow = { key, slots: new Map(), findings: new Map() };
    routes.set(name, row);
    return row;
  };

  const addRoute = (slot: number, delta: RouteDelta): void =>
    addRouteDelta(slotOfRow(rowOf(delta), slot), delta);

  const addFinding = (slot: number, delta: FindingDelta): RouteRow => {
    const row = rowOf(delta);
    const { place, kind } = delta;
    const key = {
      ...row.key,
      place,
      kind,
      path: storablePath(delta.path),
      expected: storableExpected(delta.expected),
    };
    const id = findingId(key);
    const finding = row.findings.get(id) ?? emptyFindingRow(id, key);
    row.findings.set(id, finding);
    addFindingDelta(finding, slot, delta);
    return row;
  };

  return {
    routes,
    add({ to, routes: routeDeltas, findings }) {
      const slot = minuteOf(to);
      for (const delta of routeDeltas) addRoute(slot, delta);
      for (const row of new Set(findings.map((delta) => addFinding(slot, delta)))) crowdOut(row);
    },
    age(now, before) {
      const minutesFrom = oldestMinute(now);
      for (const [name, row] of routes) {
        ageSlots(row.slots, { minutesFrom, before, merge: addRouteSlot });
        for (const [id, finding] of row.findings) {
          ageSlots(finding.slots, { minutesFrom, before, merge: addFindingSlot });
          if (finding.slots.size === 0) row.findings.delete(id);
        }
        if (row.slots.size === 0 && row.findings.size === 0) routes.delete(name);
      }
    },
    shrink(most) {
      const lost = { compared: 0, found: 0 };
      for (let kept = sumsIn(routes); kept > most; kept = sumsIn(routes)) {
        const { compared, found } = forgetOldest(routes);
        lost.compared += compared;
        lost.found += found;
      }
      return lost;
    },
    amount: () => amountIn(routes),
    isEmpty: () => routes.size === 0,
  };
}

export function slotOfRow(row: RouteRow, at: number): RouteSlot {
  const slot = row.slots.get(at) ?? emptyRouteSlot();
  row.slots.set(at, slot);
  return slot;
}

function crowdOut(row: RouteRow): void {
  if (row.findings.size <= groupsKept) return;
  const byPairs = [...row.findings.values()].toSorted(
    (a, b) => b.pairs - a.pairs || b.lastSeen - a.lastSeen || (a.id < b.id ? -1 : 1),
  );
  for (const finding of byPairs.slice(groupsKept)) {
    row.findings.delete(finding.id);
    for (const [at, { pairs }] of finding.slots) slotOfRow(row, at).crowdedOut += pairs;
  }
}

interface Ageing<Slot> {
  readonly minutesFrom: number;
  readonly before: number;
  readonly merge: (slot: Slot, other: Slot) => void;
}

function ageSlots<Slot>(slots: Map<number, Slot>, { minutesFrom, before, merge }: Ageing<Slot>): void {
  for (const [at, slot] of slots) {
    const hour = hourOf(at);
    if (at < before) slots.delete(at);
    else if (at < minutesFrom && at !== hour) {
      slots.delete(at);
      const known = slots.get(hour);
      if (known === undefined) slots.set(hour, slot);
      else merge(known, slot);
    }
  }
}

function sumsIn(routes: ReadonlyMap<string, RouteRow>): number {
  let sums = 0;
  for (const { slots, findings } of routes.values()) {
    sums += slots.size;
    for (const finding of findings.values()) sums += finding.slots.size;
  }
  return sums;
}

function forgetOldest(routes: Map<string, RouteRow>): Amount {
  const lost = { compared: 0, found: 0 };
  let oldest = Infinity;
  for (const row of routes.values()) for (const at of allSlots(row)) oldest = Math.min(oldest, at);
  for (const [name, row] of routes) {
    lost.compared += row.slots.get(oldest)?.compared ?? 0;
    row.slots.delete(oldest);
    for (const [id, finding] of row.findings) {
      lost.found += finding.slots.get(oldest)?.pairs ?? 0;
      finding.slots.delete(oldest);
      if (finding.slots.size === 0) row.findings.delete(id);
    }
    if (row.slots.size === 0 && row.findings.size === 0) routes.delete(name);
  }
  return lost;
}

function* allSlots({ slots, findings }: RouteRow): Iterable<number> {
  yield* slots.keys();
  for (const finding of findings.values()) yield* finding.slots.keys();
}

function amountIn(routes: ReadonlyMap<string, RouteRow>): Amount {
  let compared = 0;
  let found = 0;
  for (const { slots, findings } of routes.values()) {
    for (const slot of slots.values()) compared += slot.compared;
    for (const finding of findings.values()) for (const slot of finding.slots.values()) found += slot.pairs;
  }
  return { compared, found };
}
