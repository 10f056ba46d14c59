import type { Flags } from '#flags/client.ts';
import type { FlagErrorCount } from '#flags/flag-errors.ts';
import type { FlagStatus } from '#flags/source-status.ts';
import type { Stage } from '#flags/stages.ts';
import type { Config } from '#proxy/config/schema.ts';
import type { DataPlane } from '#proxy/http/seam.ts';
import type { RouteTable } from '#proxy/route/table.ts';
import type { Traffic, TrafficSnapshot } from './traffic.ts';

/** What `/status` shows: enough for a live view, and for a person with curl. */
export interface Status {
  readonly state: 'starting' | 'ready' | 'draining';
  readonly pid: number;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly running: number;
  readonly flags: FlagStatus & { readonly errors: readonly FlagErrorCount[] };
  readonly migrations: Readonly<Record<string, MigrationStatus>>;
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
  readonly plane: DataPlane | undefined;
  readonly draining: boolean;
  readonly startedAt: Date;
}

export function statusOf(sources: StatusSources): Status {
  const { config, flags, counts, plane, draining, startedAt } = sources;
  return {
    state: draining ? 'draining' : plane === undefined ? 'starting' : 'ready',
    pid: process.pid,
    startedAt: startedAt.toISOString(),
    running: plane?.running() ?? 0,
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
