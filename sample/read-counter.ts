import type { Status } from '#proxy/control/status.ts';
import type { Migration } from './migration.ts';

/** Reads by the side that answered. */
export interface Reads {
  readonly monolith: number;
  readonly service: number;
}

/** What has been answered since the mark. */
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

/** Adds up the reads that the ramp moves by side, also across a restart of the proxy, which begins at 0 again. */
export function createReadCounter(migration: Pick<Migration, 'name' | 'readRoutes'>): ReadCounter {
  let startedAt: string | undefined;
  let restarts = 0;
  let restartsBefore = 0;
  let before: Reads = { monolith: 0, service: 0 };
  let current: Reads = { monolith: 0, service: 0 };
  let marked: ReadsSince | undefined;

  const add = (status: Status | undefined): Reads => {
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
    add,
    restarts: () => restarts,
    mark(status) {
      marked = status && { ...add(status), underWay: status.running };
    },
    sinceMark() {
      if (marked === undefined) return undefined;
      const { monolith, service } = sum(before, current);
      const { underWay } = marked;
      return { monolith: monolith - marked.monolith, service: service - marked.service, underWay };
    },
  };
}

function readsOf(
  status: Status | undefined,
  { name, readRoutes }: Pick<Migration, 'name' | 'readRoutes'>,
): Reads | undefined {
  const rules = status?.migrations[name];
  if (status === undefined || rules === undefined) return undefined;
  const of = (target: string): number =>
    status.traffic.ways
      .filter((way) => way.target === target && readRoutes.includes(way.route))
      .reduce((total, way) => total + way.requests, 0);
  return { monolith: of(rules.targets.monolith), service: of(rules.targets.service) };
}

function sum(a: Reads, b: Reads): Reads {
  return { monolith: a.monolith + b.monolith, service: a.service + b.service };
}
