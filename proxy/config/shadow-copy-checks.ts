import type { ConfigProblem } from './cross-checks.ts';
import type { Config } from './schema.ts';

/** What a field of `shadow:` alone can't show. */
export function shadowCopyChecks(config: Config): ConfigProblem[] {
  return Object.entries(config.migrations).flatMap(([name, { routes }]) =>
    routes.flatMap((route, index) => routeChecks(route, ['migrations', name, 'routes', index, 'shadow'])),
  );
}

type Route = Config['migrations'][string]['routes'][number];

function routeChecks({ match, kind, websocket, shadow }: Route, path: (string | number)[]): ConfigProblem[] {
  if (shadow === undefined || shadow.off) return [];
  const problems: ConfigProblem[] = [];
  const safe = /^(GET|HEAD|OPTIONS) /.test(match);
  if (websocket) {
    problems.push({
      path,
      message: 'has no use on a WebSocket route: tunnels are not compared; drop it, or say { off: true }',
    });
  }
  if (!safe && !shadow.unsafe) {
    problems.push({
      path,
      message:
        'has no use here: only GET, HEAD and OPTIONS are copied; drop it, or say unsafe: true where both sides may carry it out',
    });
  }
  if (safe && kind !== 'write' && shadow.unsafe) {
    problems.push({ path: [...path, 'unsafe'], message: `has no use on ${match}, which is safe; drop it` });
  }
  return problems;
}
