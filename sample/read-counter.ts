import type { Status } from '#proxy/control/status.ts';
import type { Migration } from './migration.ts';

/** Reads by the side that answered. */
export interface Reads {
  readonly monolith: number;
  readonly service: number;
}

/**
 * What has been answered since the mark. Reads that had to follow their caller's own write to the side that took it are not
 * among the monolith's: no share moves those.
 */
export interface ReadsSince extends Reads {
  /** Requests that were on their way at the mark: so many may have been decided before it. */
  readonly underWay: number;
}

export interface ReadCounter {
  /** @returns all since the start; `undefined` (the proxy does not answer) changes nothing */
  add(status: Status | undefined): Reads;
  /** Workers of the proxy that died, and proxies. */
  restarts(): number;
  /** Begins to count anew beside the total; without a status there is no mark. */
  mark(status: Status | undefined): void;
  sinceMark(): ReadsSince | undefined;
}

interface Counted extends Reads {
  /** Of the monolith's, those that followed their caller's own write. */
  readonly ownWrites: number;
}

interface Mark extends Counted {
  readonly underWay: number;
}

/** Adds up the reads that the ramp moves by side, also across a restart of the proxy, which begins at 0 again. */
export function createReadCounter(migration: Pick<Migration, 'name' | 'readRoutes'>): ReadCounter {
  let startedAt: string | undefined;
  let restarts = 0;
  let restartsBefore = 0;
  let before: Counted = { monolith: 0, service: 0, ownWrites: 0 };
  let current: Counted = { monolith: 0, service: 0, ownWrites: 0 };
  let marked: Mark | undefined;

  const add = (status: Status | undefined): Counted => {
    const reads = readsOf(status, migration);
    if (status !== undefined && reads !== undefined) {
      if (startedAt !== undefined && status.startedAt !== startedAt) {
        before = sum(before, current);
        restartsBefore = restarts + 1;
      }
      startedAt = status.startedAt;
      restarts = restartsBefore + status.restarts;
      current = reads;
    }
    return sum(before, current);
  };

  return {
    add(status) {
      const { monolith, service } = add(status);
      return { monolith, service };
    },
    restarts: () => restarts,
    mark(status) {
      marked = status && { ...add(status), underWay: status.running };
    },
    sinceMark() {
      if (marked === undefined) return undefined;
      const { monolith, service, ownWrites } = sum(before, current);
      return {
        monolith: monolith - marked.monolith - (ownWrites - marked.ownWrites),
        service: service - marked.service,
        underWay: marked.underWay,
      };
    },
  };
}

function readsOf(
  status: Status | undefined,
  { name, readRoutes }: Pick<Migration, 'name' | 'readRoutes'>,
): Counted | undefined {
  const rules = status?.migrations[name];
  if (status === undefined || rules === undefined) return undefined;
  const { ways } = status.traffic;
  const of = (target: string, count: (way: (typeof ways)[number]) => number): number =>
    ways
      .filter((way) => way.target === target && readRoutes.includes(way.route))
      .reduce((total, way) => total + count(way), 0);
  return {
    monolith: of(rules.targets.monolith, ({ requests }) => requests),
    service: of(rules.targets.service, ({ requests }) => requests),
    ownWrites: of(rules.targets.monolith, ({ reasons }) => reasons['own-write'] ?? 0),
  };
}

function sum(a: Counted, b: Counted): Counted {
  return {
    monolith: a.monolith + b.monolith,
    service: a.service + b.service,
    ownWrites: a.ownWrites + b.ownWrites,
  };
}
