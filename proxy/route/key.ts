import { routingKey, type RoutingKey } from '#flags/definitions.ts';
import type { RequestHead } from '#proxy/http/seam.ts';
import type { KeySource } from '#proxy/config/schema.ts';

export type KeyReader = (
  head: RequestHead,
  parameters: Readonly<Record<string, string | undefined>>,
) => RoutingKey | undefined;

type TextReader = (...request: Parameters<KeyReader>) => string | undefined;

/**
 * Makes the function that takes the routing key of a request. A key that is missing or empty is `undefined`: a
 * case of its own, never the hash of a stand-in.
 */
export function keyReader(source: KeySource | undefined): KeyReader {
  if (source === undefined) return () => undefined;
  const read = readerOf(source);
  return (head, parameters) => routingKey(read(head, parameters));
}

function readerOf(source: KeySource): TextReader {
  if ('path' in source) return (_head, parameters) => parameters[source.path];
  if ('header' in source) {
    const name = source.header.toLowerCase();
    return (head) => head.header(name)?.trim();
  }
  if ('cookie' in source) return (head) => cookieValue(head.header('cookie'), source.cookie);
  return (head) => jwtClaim(head.header('authorization'), source.jwtClaim);
}

/** First cookie of that name (RFC 6265 5.4 puts the most specific path first), without surrounding quotes. */
export function cookieValue(header: string | undefined, name: string): string | undefined {
  for (const part of header?.split(';') ?? []) {
    const equals = part.indexOf('=');
    if (equals !== -1 && part.slice(0, equals).trim() === name)
      return part
        .slice(equals + 1)
        .trim()
        .replace(/^"(.*)"$/, '$1');
  }
  return undefined;
}

/** A text, number or boolean claim of a bearer JWT. The signature is not checked: the claim picks a cohort, no right. */
export function jwtClaim(authorization: string | undefined, claim: string): string | undefined {
  const payload = /^Bearer +[\w-]+\.([\w-]{1,8192})\./i.exec(authorization ?? '')?.[1];
  if (payload === undefined) return undefined;
  let claims: unknown;
  try {
    claims = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
  if (typeof claims !== 'object' || claims === null || !Object.hasOwn(claims, claim)) return undefined;
  const value = (claims as Readonly<Record<string, unknown>>)[claim];
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined;
}
