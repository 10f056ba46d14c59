import { dataChecks } from './data-checks.ts';
import { routeShape } from './route-shape.ts';
import type { Config } from './schema.ts';

export interface ConfigProblem {
  /** `['targets', 'service', 'url']` */
  readonly path: readonly (string | number)[];
  /** What is wrong and what is right, e.g. `must be …`. */
  readonly message: string;
}

/** What a field alone can't show: names that point nowhere, routes that shadow each other, an open admin port. */
export function crossChecks(config: Config): ConfigProblem[] {
  return [
    ...targetChecks(config),
    ...listenerChecks(config),
    ...Object.keys(config.migrations).flatMap((name) => migrationChecks(config, name)),
    ...routeClashes(config),
    ...dataChecks(config),
  ];
}

function targetChecks(config: Config): ConfigProblem[] {
  const problems = pointsToTarget(config, ['defaultTarget'], config.defaultTarget);
  for (const [name, { url, moreUrls, tls }] of Object.entries(config.targets)) {
    const at = ['targets', name];
    for (const [index, more] of moreUrls.entries()) {
      if (new URL(more).protocol === new URL(url).protocol) continue;
      problems.push({
        path: [...at, 'moreUrls', index],
        message: `must begin as ${url} does: all http or all https`,
      });
    }
    if (tls !== undefined && url.startsWith('http:')) {
      problems.push({ path: [...at, 'tls'], message: 'has no use with http://; write https://, or drop it' });
    }
    if ((tls?.certFile === undefined) !== (tls?.keyFile === undefined)) {
      problems.push({ path: [...at, 'tls'], message: 'must have both certFile and keyFile, or neither' });
    }
  }
  return problems;
}

function listenerChecks({ listen, admin }: Config): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  if (listen.port !== 0 && listen.port === admin.port && listen.host === admin.host) {
    problems.push({ path: ['admin', 'port'], message: 'is the port of listen as well; choose another' });
  }
  if (!isLoopback(admin.host) && admin.token === undefined) {
    problems.push({
      path: ['admin', 'host'],
      message: 'opens the admin port to the network; set admin.token as well, or keep 127.0.0.1',
    });
  }
  return problems;
}

function migrationChecks(config: Config, name: string): ConfigProblem[] {
  const migration = config.migrations[name];
  if (migration === undefined) return [];
  const at = ['migrations', name];
  const problems = [
    ...pointsToTarget(config, [...at, 'monolith'], migration.monolith),
    ...pointsToTarget(config, [...at, 'service'], migration.service),
  ];
  if (migration.monolith === migration.service) {
    problems.push({
      path: [...at, 'service'],
      message: 'is the target of the monolith as well; there is nothing to move',
    });
  }
  for (const [index, route] of migration.routes.entries()) {
    const here = [...at, 'routes', index];
    const isWrite = (route.kind ?? (/^(GET|HEAD) /.test(route.match) ? 'read' : 'write')) === 'write';
    if (isWrite && route.readFlag !== undefined) {
      problems.push({
        path: [...here, 'readFlag'],
        message: 'has no use on a write: writes go by the stage; drop it, or say kind: read',
      });
    }
    if (!isWrite && route.readFlag !== undefined && route.key === undefined) {
      problems.push({
        path: [...here, 'readFlag'],
        message:
          'needs a key beside it, e.g. key: { path: id }: without one every request stays with the monolith',
      });
    }
    if (
      route.key !== undefined &&
      'path' in route.key &&
      !route.match.split('/').includes(`:${route.key.path}`)
    ) {
      problems.push({
        path: [...here, 'key', 'path'],
        message: `is no parameter of ${route.match}; write :${route.key.path} into the path`,
      });
    }
  }
  return problems;
}

function routeClashes(config: Config): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const names = new Map<string, string>();
  const matches = new Map<string, string>();
  for (const [migrationName, migration] of Object.entries(config.migrations)) {
    for (const [index, route] of migration.routes.entries()) {
      const at = ['migrations', migrationName, 'routes', index];
      const shape = routeShape(route.match, config.routing);
      const other = names.get(route.name);
      if (other !== undefined)
        problems.push({
          path: [...at, 'name'],
          message: `is the name of another route of ${other}; names are unique`,
        });
      const taken = matches.get(shape);
      if (taken !== undefined)
        problems.push({
          path: [...at, 'match'],
          message: `takes the same requests as route ${taken}; keep one`,
        });
      names.set(route.name, migrationName);
      matches.set(shape, route.name);
    }
  }
  return problems;
}

function pointsToTarget(config: Config, path: (string | number)[], target: string): ConfigProblem[] {
  if (Object.hasOwn(config.targets, target)) return [];
  return [
    { path, message: `is no target; targets are: ${Object.keys(config.targets).join(', ') || 'none'}` },
  ];
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}
