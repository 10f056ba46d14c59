import {
  killSwitch,
  migrationFlag,
  readFlag,
  type FlagDefinition,
  type ReadFlag,
} from '#flags/definitions.ts';
import type { RouteFlags } from '#flags/evaluation.ts';
import type { Config, RouteConfig } from '#proxy/config/schema.ts';

export interface ConfiguredFlags {
  /** Each flag that the configuration names, once. */
  readonly all: readonly FlagDefinition[];
  /** The flags of one route; routes that name the same flag share its definition. */
  of(migration: string, route: RouteConfig): RouteFlags;
  /** The flags that all routes of a migration have in common. */
  ofMigration(migration: string): RouteFlags;
}

/** Turns the flag keys of the configuration into typed definitions. */
export function configuredFlags(config: Config): ConfiguredFlags {
  const reads = new Map<string, ReadFlag>();
  const migrations = new Map<string, RouteFlags>();
  for (const [name, migration] of Object.entries(config.migrations)) {
    migrations.set(name, {
      migration: migrationFlag(migration.migrationFlag, name),
      kill: migration.killSwitch === undefined ? undefined : killSwitch(migration.killSwitch, name),
    });
    for (const { readFlag: key } of migration.routes)
      if (key !== undefined && !reads.has(key)) reads.set(key, readFlag(key));
  }
  const ofMigration = (name: string): RouteFlags => {
    const found = migrations.get(name);
    if (found === undefined) throw new RangeError(`there is no migration "${name}"`);
    return found;
  };
  return {
    all: [
      ...[...migrations.values()].flatMap(({ migration, kill }) =>
        kill === undefined ? [migration] : [migration, kill],
      ),
      ...reads.values(),
    ],
    of: (name, { readFlag: key }) => ({
      ...ofMigration(name),
      read: key === undefined ? undefined : reads.get(key),
    }),
    ofMigration,
  };
}
