import findMyWay from 'find-my-way';
import type { Config, RouteConfig } from '#proxy/config/schema.ts';
import { keyReader, type KeyReader } from './key.ts';

/** One route of a domain on the move, ready to be asked. */
export interface Route {
  readonly name: string;
  readonly match: string;
  readonly kind: 'read' | 'write';
  /** Name of the migration it belongs to. */
  readonly migration: string;
  /** Names of the targets on the two sides. */
  readonly monolith: string;
  readonly service: string;
  readonly migrationFlag: string;
  readonly killSwitch: string | undefined;
  readonly readFlag: string | undefined;
  readonly key: KeyReader;
}

export interface Matched {
  readonly route: Route;
  readonly parameters: Readonly<Record<string, string | undefined>>;
}

export interface RouteTable {
  readonly routes: readonly Route[];
  /** `undefined` where no route takes the request; it goes to the default target then. */
  match(method: string, path: string): Matched | undefined;
}

type Instance = ReturnType<typeof findMyWay>;

/** Compiles all routes once into a radix tree: matching costs the length of the path, whatever the number of routes. */
export function routeTable(config: Config): RouteTable {
  const tree = findMyWay({
    caseSensitive: config.routing.caseSensitive,
    ignoreTrailingSlash: config.routing.ignoreTrailingSlash,
    // The default of 100 would send a long key to the default target; the plane bounds the target as a whole.
    maxParamLength: 65_536,
  });
  const routes = Object.entries(config.migrations).flatMap(([migration, { routes, ...sides }]) =>
    routes.map((route) => routeOf(route, migration, sides)),
  );
  const stated = new Set(routes.map((route) => route.match));
  for (const route of routes) {
    const { method, path } = split(route.match);
    add(tree, { method, path, route });
    // RFC 9110 9.3.2: HEAD is GET without the body, so it goes where the GET goes.
    if (method === 'GET' && !stated.has(`HEAD ${path}`)) add(tree, { method: 'HEAD', path, route });
  }
  return {
    routes,
    match(method, path) {
      const found = tree.find(method as never, path);
      return found === null ? undefined : { route: found.store as Route, parameters: found.params };
    },
  };
}

function routeOf(
  route: RouteConfig,
  migration: string,
  sides: { monolith: string; service: string; migrationFlag: string; killSwitch?: string | undefined },
): Route {
  const { method } = split(route.match);
  return {
    name: route.name,
    match: route.match,
    kind: route.kind ?? (method === 'GET' || method === 'HEAD' ? 'read' : 'write'),
    migration,
    monolith: sides.monolith,
    service: sides.service,
    migrationFlag: sides.migrationFlag,
    killSwitch: sides.killSwitch,
    readFlag: route.readFlag,
    key: keyReader(route.key),
  };
}

function split(match: string): { method: string; path: string } {
  const space = match.indexOf(' ');
  return { method: match.slice(0, space), path: match.slice(space + 1) };
}

function add(tree: Instance, { method, path, route }: { method: string; path: string; route: Route }): void {
  tree.on(method as never, path, () => undefined, route);
}
