import type { Flags } from '#flags/client.ts';
import type { FlagErrorCount } from '#flags/flag-errors.ts';
import type { FlagStatus } from '#flags/source-status.ts';
import type { Stage } from '#flags/stages.ts';
import type { Config } from '#proxy/config/schema.ts';
import type { DataPlane, UpstreamState } from '#proxy/http/seam.ts';
import type { RouteTable } from '#proxy/route/table.ts';
import { summarise, type LatencySummary } from './latency-histogram.ts';
import { mergeCounts, type Traffic, type TrafficCounts, type TrafficSnapshot } from './traffic.ts';

/** What `/status` shows: enough for a live view, and for a person with curl. */
export interface Status {
  readonly state: ProcessState;
  /** Process that answers. */
  readonly pid: number;
  /** ISO 8601; of the oldest process. */
  readonly startedAt: string;
  readonly running: number;
  readonly workers: readonly WorkerStatus[];
  readonly flags: FlagStatus & { readonly errors: readonly FlagErrorCount[] };
  readonly migrations: Readonly<Record<string, MigrationStatus>>;
  readonly traffic: TrafficCounts & { readonly latencyMs: Readonly<Record<string, LatencySummary>> };
}

export type ProcessState = 'starting' | 'ready' | 'draining';

/** One serving process. */
export interface WorkerStatus {
  readonly pid: number;
  readonly state: ProcessState;
  readonly startedAt: string;
  readonly running: number;
  readonly connections: number;
  readonly upstreams: readonly UpstreamState[];
}

/** All that one serving process says of itself; travels between processes. */
export interface ProcessStatus extends WorkerStatus {
  readonly flags: Status['flags'];
  readonly migrations: Status['migrations'];
  readonly traffic: TrafficSnapshot;
}

export interface MigrationStatus {
  readonly stage: Stage;
  readonly killed: boolean;
  readonly targets: { readonly monolith: string; readonly service: string };
  /** Names of its routes, by kind. */
  readonly reads: readonly string[];
  readonly writes: readonly string[];
}

export interface StatusSources {
  readonly config: Config;
  readonly table: RouteTable;
  readonly flags: Flags;
  readonly counts: Traffic;
  readonly plane: DataPlane;
  readonly draining: boolean;
  readonly startedAt: Date;
}

export function processStatus(sources: StatusSources): ProcessStatus {
  const { config, flags, counts, plane, draining, startedAt } = sources;
  return {
    pid: process.pid,
    state: draining ? 'draining' : 'ready',
    startedAt: startedAt.toISOString(),
    running: plane.running(),
    connections: plane.connections(),
    upstreams: plane.upstreams(),
    flags: { ...flags.status(), errors: flags.errors() },
    migrations: Object.fromEntries(
      Object.keys(config.migrations).map((name) => [name, migrationStatus(name, sources)]),
    ),
    traffic: counts.snapshot(),
  };
}

function migrationStatus(name: string, { table, flags, config }: StatusSources): MigrationStatus {
  const { migration, kill } = table.flags.ofMigration(name);
  const routes = table.routes.filter((route) => route.migration === name);
  const names = (kind: 'read' | 'write'): string[] =>
    routes.filter((route) => route.kind === kind).map((route) => route.name);
  return {
    stage: flags.stage(migration),
    killed: kill === undefined ? false : flags.killed(kill),
    targets: {
      monolith: config.migrations[name]?.monolith ?? '',
      service: config.migrations[name]?.service ?? '',
    },
    reads: names('read'),
    writes: names('write'),
  };
}

/**
 * One view over all processes.
 * @param workers at least one
 * @param gone counts of processes that have ended, so that no sum ever falls
 */
export function mergeStatus(
  workers: readonly [ProcessStatus, ...ProcessStatus[]],
  gone: readonly TrafficCounts[] = [],
): Status {
  // The flags of the process that lags behind: a change counts as in force when all have it.
  const slowest = workers.reduce((a, b) => (flagAge(b) > flagAge(a) ? b : a));
  const states = workers.map(({ state }) => state);
  const targets = new Set(workers.flatMap(({ traffic }) => Object.keys(traffic.latency)));
  return {
    state: states.includes('ready') ? 'ready' : (states[0] ?? 'starting'),
    pid: process.pid,
    startedAt: workers.map(({ startedAt }) => startedAt).toSorted()[0] ?? '',
    running: workers.reduce((sum, { running }) => sum + running, 0),
    workers: workers.map(
      ({ flags: _flags, migrations: _migrations, traffic: _traffic, ...worker }) => worker,
    ),
    flags: slowest.flags,
    migrations: slowest.migrations,
    traffic: {
      ...mergeCounts([...gone, ...workers.map(({ traffic }) => traffic)]),
      latencyMs: Object.fromEntries(
        [...targets].map((target) => [
          target,
          summarise(workers.map(({ traffic }) => traffic.latency[target] ?? [])),
        ]),
      ),
    },
  };
}

/** Higher is further behind: a stale source before a current one, then the lower version. */
function flagAge({ flags }: ProcessStatus): number {
  return (flags.state === 'current' ? 0 : 1e12) - flags.version;
}
