import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { killSwitch, migrationFlag, readFlag } from '#flags/definitions.ts';
import { parseFlagFile } from '#flags/flag-file.ts';
import { flagFileError } from '#flags/problems.ts';
import { readConfig } from '#proxy/config/read.ts';
import type { Config } from '#proxy/config/schema.ts';

export interface Ports {
  readonly proxy: number;
  readonly admin: number;
  readonly monolith: number;
  readonly service: number;
  /** Of the user-service with planted differences; none: the proxy asks the real one. */
  readonly planted: number | undefined;
}

export interface MigrationOptions {
  readonly ports: Ports;
  /** Where the flags will lie that the proxy goes by; it need not be there yet. */
  readonly flagFile: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What the sample must know of the migration to move its flags, and to see whether that had its effect. */
export interface Migration {
  readonly name: string;
  readonly migrationFlag: string;
  readonly killSwitch: string | undefined;
  readonly readFlags: readonly string[];
  /** Names of the reads that have a read flag: those that the ramp moves. */
  readonly readRoutes: readonly string[];
  /** Path of the configuration that was given, and what the proxy must have in its environment for it. */
  readonly config: string;
  /** As the configuration has them. */
  readonly migrations: Config['migrations'];
  readonly proxyEnv: Readonly<Record<string, string>>;
}

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
/** The flags that a run begins with. */
export const initialFlags = path('flags.json');
const name = 'users';

/** `http://127.0.0.1:port` */
export function loopbackUrl(port: number): string {
  return `http://127.0.0.1:${port}`;
}

/**
 * Reads the configuration as the proxy will: `banyan.yaml`, or what `BANYAN_CONFIG` names; and checks the flags that the
 * run will begin with. Nothing is made or started.
 * @throws ConfigError or FlagFileError that lists everything that is wrong; an Error where the sample can't run with it
 */
export function readMigration({ ports, flagFile, env }: MigrationOptions): Migration {
  const config = env['BANYAN_CONFIG'] ?? path('../banyan.yaml');
  const proxyEnv = {
    BANYAN_PORT: String(ports.proxy),
    BANYAN_ADMIN_PORT: String(ports.admin),
    MONOLITH_URL: loopbackUrl(ports.monolith),
    USER_SERVICE_URL: loopbackUrl(ports.planted ?? ports.service),
    BANYAN_FLAGS: flagFile,
  };
  const { migrations, flags } = readConfig(config, { ...env, ...proxyEnv });
  const rules = migrations[name];
  if (rules === undefined) throw new Error(`${config} has no migration "${name}", which the sample ramps`);
  if (flags.source !== 'file' || flags.path !== flagFile) {
    throw new Error(
      `${config} does not take the flags from BANYAN_FLAGS, where the sample moves them: ` +
        "write flags: { source: file, path: '${BANYAN_FLAGS:-sample/flags.json}' }",
    );
  }
  const reads = rules.routes.flatMap(({ name: route, readFlag: flag }) =>
    flag === undefined ? [] : [{ route, flag }],
  );
  const migration = {
    name,
    migrationFlag: rules.migrationFlag,
    killSwitch: rules.killSwitch,
    readFlags: [...new Set(reads.map(({ flag }) => flag))],
    readRoutes: reads.map(({ route }) => route),
    config,
    migrations,
    proxyEnv,
  };
  checkFlags(migration);
  return migration;
}

function checkFlags({ migrationFlag: stage, killSwitch: kill, readFlags }: Migration): void {
  const wanted = [
    migrationFlag(stage, name),
    ...(kill === undefined ? [] : [killSwitch(kill, name)]),
    ...readFlags.map(readFlag),
  ];
  const parsed = parseFlagFile(readFileSync(initialFlags, 'utf8'), wanted);
  if ('problems' in parsed) throw flagFileError(initialFlags, parsed.problems);
}
