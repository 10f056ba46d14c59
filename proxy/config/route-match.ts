import { METHODS } from 'node:http';

/** CONNECT and TRACE never get as far as a route: the data plane refuses them. */
const methods: ReadonlySet<string> = new Set(
  METHODS.filter((method) => method !== 'CONNECT' && method !== 'TRACE'),
);
const parameter = /^:\w{1,64}$/;

/**
 * Why a `match` can take no request, or not the requests that it seems to; completes "is …" or "must …".
 * @param match a method, one blank and a path that begins with a slash
 */
export function wrongMatch(match: string): string | undefined {
  const space = match.indexOf(' ');
  const method = match.slice(0, space);
  if (!methods.has(method))
    return `must begin with a method of HTTP, e.g. GET, POST, PUT, PATCH or DELETE, and not ${method}`;
  const segments = match.slice(space + 2).split('/');
  const inner = segments.slice(0, -1);
  if (inner.includes('')) return 'must have no empty segment: the proxy refuses such a path with 400';
  if (segments.some((segment) => /^\.{1,2}(?:;|$)/.test(segment)))
    return 'must have no dot segment: the proxy refuses such a path with 400';
  // The router looks at the decoded path, where this would be a percent sign.
  if (match.includes('%')) return 'must have the letters themselves and no percent-encoding, e.g. /café';
  const half = segments.find((segment) => segment.includes(':') && !parameter.test(segment));
  if (half !== undefined)
    return `must have a parameter as a whole segment, e.g. /:id, and no other colon; "${half}" is neither`;
  const names = segments.filter((segment) => segment.startsWith(':'));
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  return twice && `must name each parameter once; ${twice} is there twice`;
}
