import type { ConfigProblem } from './problem.ts';
import { malformed, type SoundParts, type SoundRoute } from './sound-parts.ts';

/** What a field of `shadow:` alone can't show. */
export function shadowCopyChecks({ migrations }: SoundParts): ConfigProblem[] {
  return Object.entries(migrations).flatMap(([name, { routes }]) =>
    routes.flatMap((route, index) => routeChecks(route, ['migrations', name, 'routes', index, 'shadow'])),
  );
}

function routeChecks(
  { match, kind, websocket, shadow }: SoundRoute,
  path: (string | number)[],
): ConfigProblem[] {
  if (match === malformed || shadow === undefined || shadow === malformed || shadow.off) return [];
  const problems: ConfigProblem[] = [];
  const safe = /^(GET|HEAD|OPTIONS) /.test(match);
  if (websocket === true) {
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
  if (safe && kind !== malformed && kind !== 'write' && shadow.unsafe) {
    problems.push({ path: [...path, 'unsafe'], message: `has no use on ${match}, which is safe; drop it` });
  }
  return problems;
}
