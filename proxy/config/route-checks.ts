import type { ConfigProblem } from './problem.ts';
import { routeShape } from './route-shape.ts';
import { malformed, type SoundParts, type SoundRoute } from './sound-parts.ts';
import { pointsToTarget } from './target-names.ts';

type Place = readonly (string | number)[];

export function migrationChecks(parts: SoundParts, name: string): ConfigProblem[] {
  const migration = parts.migrations[name];
  if (migration === undefined) return [];
  const at = ['migrations', name];
  const problems = [
    ...pointsToTarget(parts, [...at, 'monolith'], migration.monolith),
    ...pointsToTarget(parts, [...at, 'service'], migration.service),
  ];
  if (migration.monolith !== malformed && migration.monolith === migration.service) {
    problems.push({
      path: [...at, 'service'],
      message: 'is the target of the monolith as well; there is nothing to move',
    });
  }
  return [
    ...problems,
    ...migration.routes.flatMap((route, index) => routeChecks(route, [...at, 'routes', index])),
  ];
}

function routeChecks(route: SoundRoute, here: Place): ConfigProblem[] {
  const { key, match, readFlag } = route;
  const problems: ConfigProblem[] = [];
  const kind = kindOf(route);
  if (kind === 'write' && readFlag !== undefined) {
    problems.push({
      path: [...here, 'readFlag'],
      message: 'has no use on a write: writes go by the stage; drop it, or say kind: read',
    });
  }
  if (kind === 'read' && readFlag !== undefined && key === undefined) {
    problems.push({
      path: [...here, 'readFlag'],
      message:
        'needs a key beside it, e.g. key: { path: id }: without one every request stays with the monolith',
    });
  }
  return [...problems, ...keyOfPath({ key, match }, here)];
}

/** A key that is taken from the path has to be in it. */
export function keyOfPath({ key, match }: Pick<SoundRoute, 'key' | 'match'>, here: Place): ConfigProblem[] {
  const parameter = key !== undefined && key !== malformed && 'path' in key ? key.path : undefined;
  if (parameter === undefined || match === malformed || match.split('/').includes(`:${parameter}`)) return [];
  return [
    {
      path: [...here, 'key', 'path'],
      message: `is no parameter of ${match}; write :${parameter} into the path`,
    },
  ];
}

function kindOf({ kind, match }: SoundRoute): 'read' | 'write' | undefined {
  if (kind === malformed) return undefined;
  if (kind !== undefined) return kind;
  if (match === malformed) return undefined;
  return /^(GET|HEAD) /.test(match) ? 'read' : 'write';
}

/** Routes of all migrations, with their places. */
function routesOf({ migrations }: SoundParts): { migration: string; route: SoundRoute; at: Place }[] {
  return Object.entries(migrations).flatMap(([migration, { routes }]) =>
    routes.map((route, index) => ({ migration, route, at: ['migrations', migration, 'routes', index] })),
  );
}

export function routeClashes(parts: SoundParts): ConfigProblem[] {
  const { caseSensitive, ignoreTrailingSlash } = parts.routing;
  const problems: ConfigProblem[] = [];
  const names = new Map<string, string>();
  const matches = new Map<string, string>();
  const staying = parts.staying.map((route, index) => {
    return { belongsTo: 'staying', route, at: ['staying', index] };
  });
  const moving = routesOf(parts).map((one) => ({ ...one, belongsTo: one.migration }));
  for (const { belongsTo, route, at } of [...moving, ...staying]) {
    if (route.name !== malformed) {
      const other = names.get(route.name);
      if (other !== undefined)
        problems.push({
          path: [...at, 'name'],
          message: `is the name of another route of ${other}; names are unique`,
        });
      names.set(route.name, belongsTo);
    }
    if (route.match === malformed || caseSensitive === malformed || ignoreTrailingSlash === malformed)
      continue;
    const shape = routeShape(route.match, { caseSensitive, ignoreTrailingSlash });
    const taken = matches.get(shape);
    if (taken !== undefined)
      problems.push({
        path: [...at, 'match'],
        message: `takes the same requests as ${taken}; keep one`,
      });
    matches.set(shape, route.name === malformed ? route.match : `route ${route.name}`);
  }
  return problems;
}

interface FlagUse {
  readonly path: Place;
  readonly key: unknown;
  readonly as: string;
}

/** One flag that is two things cannot be right: the three kinds want other values, and are asked for other contexts. */
export function flagUses(parts: SoundParts): ConfigProblem[] {
  const uses = [
    ...Object.entries(parts.migrations).flatMap(([name, { migrationFlag, killSwitch }]): FlagUse[] => [
      { path: ['migrations', name, 'migrationFlag'], key: migrationFlag, as: 'a migration flag' },
      { path: ['migrations', name, 'killSwitch'], key: killSwitch, as: 'a kill switch' },
    ]),
    ...routesOf(parts).map(({ route, at }): FlagUse => {
      return { path: [...at, 'readFlag'], key: route.readFlag, as: 'a read flag' };
    }),
  ];
  const first = new Map<string, string>();
  return uses.flatMap(({ path, key, as }) => {
    if (typeof key !== 'string') return [];
    const before = first.get(key);
    if (before === undefined) first.set(key, as);
    if (before === undefined || before === as) return [];
    return [{ path, message: `is ${before} as well, and cannot be ${as}; name another flag` }];
  });
}
