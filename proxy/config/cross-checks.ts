import { dataChecks } from './data-checks.ts';
import type { ConfigProblem } from './problem.ts';
import { flagUses, migrationChecks, routeClashes } from './route-checks.ts';
import { shadowCopyChecks } from './shadow-copy-checks.ts';
import { shadowRuleChecks } from './shadow-rule-checks.ts';
import { malformed, type SoundParts } from './sound-parts.ts';
import { stayingChecks } from './staying-checks.ts';
import { pointsToTarget } from './target-names.ts';

/**
 * What a field alone can't show: names that point nowhere, routes that shadow each other, an open admin port. A field
 * that is malformed is passed over here, and all that hangs on it.
 */
export function crossChecks(parts: SoundParts): ConfigProblem[] {
  return [
    ...targetChecks(parts),
    ...listenerChecks(parts),
    ...Object.keys(parts.migrations).flatMap((name) => migrationChecks(parts, name)),
    ...routeClashes(parts),
    ...flagUses(parts),
    ...shadowRuleChecks(parts),
    ...shadowCopyChecks(parts),
    ...dataChecks(parts),
    ...stayingChecks(parts),
  ];
}

function targetChecks(parts: SoundParts): ConfigProblem[] {
  const problems = pointsToTarget(parts, ['defaultTarget'], parts.defaultTarget);
  for (const [name, { url, moreUrls, tls }] of Object.entries(parts.targets ?? {})) {
    const at = ['targets', name];
    for (const [index, more] of (moreUrls === malformed || url === malformed ? [] : moreUrls).entries()) {
      if (new URL(more).protocol === new URL(String(url)).protocol) continue;
      problems.push({
        path: [...at, 'moreUrls', index],
        message: `must begin as ${String(url)} does: all http or all https`,
      });
    }
    if (tls === malformed || tls === undefined) continue;
    if (url !== malformed && url.startsWith('http:')) {
      problems.push({ path: [...at, 'tls'], message: 'has no use with http://; write https://, or drop it' });
    }
    if ((tls.certFile === undefined) !== (tls.keyFile === undefined)) {
      problems.push({ path: [...at, 'tls'], message: 'must have both certFile and keyFile, or neither' });
    }
  }
  return problems;
}

function listenerChecks({ listen, admin }: SoundParts): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const isSamePort = listen.port !== malformed && listen.port !== 0 && listen.port === admin.port;
  if (isSamePort && listen.host !== malformed && listen.host === admin.host) {
    problems.push({ path: ['admin', 'port'], message: 'is the port of listen as well; choose another' });
  }
  if (admin.host !== malformed && !isLoopback(admin.host) && admin.token === undefined) {
    problems.push({
      path: ['admin', 'host'],
      message: 'opens the admin port to the network; set admin.token as well, or keep 127.0.0.1',
    });
  }
  return problems;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}
