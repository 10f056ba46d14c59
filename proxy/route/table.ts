import type { RouteFlags } from '#flags/evaluation.ts';
import { keySpaceOf } from '#proxy/config/key-space.ts';
import { routeShape } from '#proxy/config/route-shape.ts';
import type { Config, RouteConfig } from '#proxy/config/schema.ts';
import { configuredFlags, type ConfiguredFlags } from './flag-definitions.ts';
import { keyReader, type KeyReader } from './key.ts';
import { pathTree } from './path-tree.ts';

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
  readonly flags: RouteFlags;
  readonly key: KeyReader;
  /** See `keySpaceOf`. */
  readonly keySpace: string;
  /** Whether it may become a WebSocket tunnel. */
  readonly websocket: boolean;
}

export interface Matched {
  readonly route: Route;
  readonly parameters: Readonly<Record<string, string | undefined>>;
}

export interface RouteTable {
  readonly routes: readonly Route[];
  readonly flags: ConfiguredFlags;
  /** `undefined` where no route takes the request; it goes to the default target then. */
  match(method: string, path: string): Matched | undefined;
}

/** Compiles all routes once into a radix tree: matching costs the length of the path, whatever the number of routes. */
export function routeTable(config: Config): RouteTable {
  const tree = pathTree<Route>(config.routing);
  const flags = configuredFlags(config);
  const routes = Object.entries(config.migrations).flatMap(([migration, { routes, monolith, service }]) =>
    routes.map((route) =>
      routeOf(route, { migration, monolith, service, flags: flags.of(migration, route) }),
    ),
  );
  const stated = new Set(routes.map((route) => routeShape(route.match, config.routing)));
  for (const route of routes) {
    const { method, path } = split(route.match);
    tree.add(route.match, route);
    // RFC 9110 9.3.2: HEAD is GET without the body, so it goes where the GET goes.
    if (method === 'GET' && !stated.has(routeShape(`HEAD ${path}`, config.routing)))
      tree.add(`HEAD ${path}`, route);
  }
  return {
    routes,
    flags,
    match(method, path) {
      const found = tree.find(method, path);
      return found === undefined ? undefined : { route: found.value, parameters: found.parameters };
    },
  };
}

function routeOf(
  route: RouteConfig,
  belongs: Pick<Route, 'migration' | 'monolith' | 'service' | 'flags'>,
): Route {
  const { method } = split(route.match);
  return {
    name: route.name,
    match: route.match,
    kind: route.kind ?? (method === 'GET' || method === 'HEAD' ? 'read' : 'write'),
    key: keyReader(route.key),
    keySpace: keySpaceOf(route.key),
    websocket: route.websocket,
    ...belongs,
  };
}

function split(match: string): { method: string; path: string } {
  const space = match.indexOf(' ');
  return { method: match.slice(0, space), path: match.slice(space + 1) };
}
