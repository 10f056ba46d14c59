import type { Flags } from '#flags/client.ts';
import type { FlagErrorCount } from '#flags/flag-errors.ts';
import type { FlagStatus } from '#flags/source-status.ts';
import type { Stage } from '#flags/stages.ts';
import type { StandIn } from '#flags/stand-in.ts';
import type { Config } from '#proxy/config/schema.ts';
import type { DataPlane, UpstreamState } from '#proxy/http/seam.ts';
import type { Ownership } from '#proxy/route/ownership.ts';
import type { Acknowledging } from '#proxy/route/acknowledge/acknowledging.ts';
import type { OwnershipStatus } from '#proxy/route/ownership.types.ts';
import type { RouteTable } from '#proxy/route/table.ts';
import type { Shadow, ShadowStatus } from '#proxy/shadow/copy/shadow.ts';
import { addHistograms, summarise, type LatencySummary } from '#shared/telemetry/latency-histogram.ts';
import type { MoverStatus } from './mover/mover-status.ts';
import { mergeTraffic, type Traffic, type TrafficSnapshot, type WayCounts } from './traffic.ts';

/** What `/status` shows: enough for a live view, and for a person with curl. */
export interface Status {
  readonly state: ProcessState;
  /** Process that answers. */
  readonly pid: number;
  /** ISO 8601. Since then the counts have been rising. */
  readonly startedAt: string;
  /** Workers that died and were started again. */
  readonly restarts: number;
  readonly running: number;
  readonly workers: readonly WorkerStatus[];
  readonly flags: FlagStatus & {
    /** What could not be asked, since the start. */
    readonly errors: readonly FlagErrorCount[];
    /** Which stages and kill switches cannot be asked now, and what counts in their place. */
    readonly standIns: readonly StandIn[];
  };
  readonly migrations: Readonly<
    Record<string, MigrationStatus & { readonly readLatencyMs: BySide<LatencySummary> }>
  >;
  readonly traffic: Omit<TrafficSnapshot, 'ways'> & { readonly ways: readonly WayStatus[] };
  /** The copies; `undefined` where this process tree has no mover. */
  readonly cutover?: readonly MoverStatus[] | undefined;
}

/** One way's counts, with its latencies of the last ten seconds in place of their histogram. */
export type WayStatus = Readonly<Omit<WayCounts, 'latency'> & { latencyMs: LatencySummary }>;

export interface BySide<Value> {
  readonly monolith: Value;
  readonly service: Value;
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
  /** Requests that wait for an owner, and bytes kept for that. */
  readonly held: { readonly requests: number; readonly bytes: number };
  /** What it knows of owners and copies. */
  readonly ownership: OwnershipStatus;
  /** Answers to writes that wait for both sides, by migration; empty where none does. */
  readonly acknowledge: ReturnType<Acknowledging['status']>;
  /** What comparing does now; missing where nothing is compared. */
  readonly shadow?: ShadowStatus | undefined;
}

/** All that one serving process says of itself; travels between processes. */
export interface ProcessStatus extends WorkerStatus {
  readonly flags: Status['flags'];
  readonly migrations: Readonly<Record<string, MigrationStatus>>;
  readonly traffic: TrafficSnapshot;
}

export interface MigrationStatus {
  /** The flag's; see `complete`. */
  readonly stage: Stage;
  readonly killed: boolean;
  /** Whether the way back was given up: then the stage `complete` counts, whatever the flag says. As all processes know it. */
  readonly complete?: boolean;
  /** Names of the targets. */
  readonly targets: BySide<string>;
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
  readonly shadow?: Pick<Shadow, 'status'> | undefined;
  readonly ownership: Pick<Ownership, 'status' | 'isComplete'>;
  readonly acknowledging: Pick<Acknowledging, 'status'>;
  readonly draining: boolean;
  readonly startedAt: Date;
}

export function processStatus(sources: StatusSources): ProcessStatus {
  const { config, flags, counts, plane, shadow, ownership, acknowledging, draining, startedAt } = sources;
  return {
    pid: process.pid,
    state: draining ? 'draining' : 'ready',
    startedAt: startedAt.toISOString(),
    running: plane.running(),
    connections: plane.connections(),
    upstreams: plane.upstreams(),
    held: plane.held(),
    ownership: ownership.status(),
    acknowledge: acknowledging.status(),
    ...(shadow === undefined ? {} : { shadow: shadow.status() }),
    flags: { ...flags.status(), errors: flags.errors(), standIns: flags.standIns() },
    migrations: Object.fromEntries(
      Object.keys(config.migrations).map((name) => [name, migrationStatus(name, sources)]),
    ),
    traffic: counts.snapshot(),
  };
}

function migrationStatus(name: string, { table, flags, config, ownership }: StatusSources): MigrationStatus {
  const { migration, kill } = table.flags.ofMigration(name);
  const routes = table.routes.filter((route) => route.migration === name);
  const names = (kind: 'read' | 'write'): string[] =>
    routes.filter((route) => route.kind === kind).map((route) => route.name);
  return {
    stage: flags.stage(migration),
    killed: kill === undefined ? false : flags.killed(kill),
    complete: ownership.isComplete(name),
    targets: {
      monolith: config.migrations[name]?.monolith ?? '',
      service: config.migrations[name]?.service ?? '',
    },
    reads: names('read'),
    writes: names('write'),
  };
}

export interface Past {
  /** What processes saw that have ended, so that no sum ever falls. */
  readonly gone: readonly TrafficSnapshot[];
  readonly startedAt: string;
  readonly restarts: number;
}

/**
 * One view over all processes.
 * @param workers at least one
 * @param past of those before them; none where the process serves alone
 */
export function mergeStatus(workers: readonly [ProcessStatus, ...ProcessStatus[]], past?: Past): Status {
  // The flags of the process that lags behind: a change counts as in force when all have it.
  const slowest = workers.reduce((a, b) => (flagAge(b) > flagAge(a) ? b : a));
  const states = workers.map(({ state }) => state);
  const { ways, ...counts } = mergeTraffic([...(past?.gone ?? []), ...workers.map(({ traffic }) => traffic)]);
  return {
    state: states.includes('ready') ? 'ready' : (states[0] ?? 'starting'),
    pid: process.pid,
    startedAt: past?.startedAt ?? workers[0].startedAt,
    restarts: past?.restarts ?? 0,
    running: workers.reduce((sum, { running }) => sum + running, 0),
    workers: workers.map(
      ({ flags: _flags, migrations: _migrations, traffic: _traffic, ...worker }) => worker,
    ),
    flags: slowest.flags,
    migrations: Object.fromEntries(
      Object.entries(slowest.migrations).map(([name, migration]) => [
        name,
        {
          ...migration,
          complete: workers.every(({ migrations }) => migrations[name]?.complete === true),
          readLatencyMs: readLatency(migration, ways),
        },
      ]),
    ),
    traffic: {
      ...counts,
      ways: ways.map(({ latency, ...way }) => ({ ...way, latencyMs: summarise(latency) })),
    },
  };
}

/** What the two sides took for the reads of one migration, side by side over the same time. */
function readLatency(
  { reads, targets }: MigrationStatus,
  ways: readonly Readonly<WayCounts>[],
): BySide<LatencySummary> {
  const of = (side: keyof BySide<unknown>): LatencySummary => {
    const taken = ways.filter(({ route, target }) => target === targets[side] && reads.includes(route));
    return summarise(addHistograms(...taken.map(({ latency }) => latency)));
  };
  return { monolith: of('monolith'), service: of('service') };
}

/** Higher is further behind: a stale source before a current one, then the lower version. */
function flagAge({ flags }: ProcessStatus): number {
  return (flags.state === 'current' ? 0 : 1e12) - flags.version;
}
