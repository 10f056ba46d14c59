import type { ConfigProblem } from './problem.ts';
import { keyOfPath } from './route-checks.ts';
import { malformed, type SoundParts } from './sound-parts.ts';
import { waitedMigration } from './waited-migration.ts';

/** A route that stays can wait for a copy only where there is one: on a side of the migration. */
export function stayingChecks(parts: SoundParts): ConfigProblem[] {
  const { defaultTarget, migrations, staying, targets = {} } = parts;
  return staying.flatMap((route, index) => {
    const waitsFor = route.waitsFor === malformed ? [] : route.waitsFor;
    const names = waitsFor.flatMap((name, at): ConfigProblem[] => {
      const path = ['staying', index, 'waitsFor', at];
      const found = waitedMigration(name, migrations);
      const migration = found === undefined ? undefined : migrations[found];
      if (migration === undefined)
        return [
          {
            path,
            message: name.includes('.')
              ? 'is no dataset of any migration: write group.dataset, as they stand in migrations.*.data'
              : `is no migration; there are ${Object.keys(migrations).join(', ')}`,
          },
        ];
      const { monolith, service } = migration;
      if (monolith === malformed || service === malformed || typeof defaultTarget !== 'string') return [];
      // That it is no target at all is told where it stands.
      if (!Object.hasOwn(targets, defaultTarget)) return [];
      if (monolith === defaultTarget || service === defaultTarget) return [];
      return [
        { path, message: `has no copy on the default target ${defaultTarget}, which is none of its sides` },
      ];
    });
    return [...names, ...keyOfPath(route, ['staying', index])];
  });
}
