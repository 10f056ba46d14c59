import { isIPv6 } from 'node:net';

/** RFC 9110 7.6.1, and the older names that are still sent; each concerns one connection and is never passed on. */
const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Nominating one of these as hop-by-hop would strip what the receiver needs to route or frame (Traefik CVE-2024-45410). */
const notNominable: ReadonlySet<string> = new Set(['host', 'content-length', 'authorization', 'cookie']);

/** Headers that say who forwarded what. They are ours, unless the peer is a trusted proxy. */
const forwarding: ReadonlySet<string> = new Set([
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-prefix',
  'x-forwarded-proto',
  'x-real-ip',
]);

/** Markers that only Banyan sets; from outside they are stripped, after routing has looked at them. */
const ownPrefix = 'banyan-';

export interface Peer {
  readonly address: string;
  readonly trusted: boolean;
  readonly secure: boolean;
}

/** Node's flat list of names and values: `[name, value, name, value, …]`, in the order received. */
export type RawHeaders = readonly string[];

export type HeaderRefusal = { readonly refused: string };

/**
 * The headers that go upstream: hop-by-hop and nominated ones stripped, forwarding headers ours, order and number of the
 * others kept. `content-length` is passed on (undici checks the body against it); a chunked body is framed anew.
 */
export function requestHeaders(raw: RawHeaders, peer: Peer, id: string): string[] | HeaderRefusal {
  const nominated = nominations(raw);
  for (const name of nominated) {
    if (notNominable.has(name))
      return { refused: 'The Connection header names a field that may not be dropped.' };
  }
  const kept: string[] = [];
  let forwardedFor = '';
  let host = '';
  for (const [name, value] of pairs(raw)) {
    const lower = name.toLowerCase();
    if (lower === 'host') host = value;
    if (lower.includes('_') && isManaged(lower.replaceAll('_', '-'))) {
      return { refused: 'A header imitates a forwarding header with underscores.' };
    }
    if (lower === 'x-forwarded-for' && peer.trusted)
      forwardedFor += forwardedFor === '' ? value : `, ${value}`;
    if (hopByHop.has(lower) || nominated.has(lower) || lower === 'x-request-id' || lower === 'expect')
      continue;
    if (lower.startsWith(ownPrefix)) continue;
    if (forwarding.has(lower) && (!peer.trusted || lower === 'x-forwarded-for')) continue;
    kept.push(name, value);
  }
  kept.push('x-request-id', id);
  kept.push('x-forwarded-for', forwardedFor === '' ? peer.address : `${forwardedFor}, ${peer.address}`);
  if (!hasHeader(kept, 'x-forwarded-host')) kept.push('x-forwarded-host', host);
  if (!hasHeader(kept, 'x-forwarded-proto')) kept.push('x-forwarded-proto', peer.secure ? 'https' : 'http');
  return kept;
}

/** The headers that go back: hop-by-hop and nominated ones stripped, everything else as it came (Set-Cookie too). */
export function responseHeaders(raw: RawHeaders): string[] {
  const nominated = nominations(raw);
  return pairs(raw)
    .filter(([name]) => {
      const lower = name.toLowerCase();
      return !hopByHop.has(lower) && !nominated.has(lower) && !lower.startsWith(ownPrefix);
    })
    .flat();
}

/** An id that a trusted peer sent is kept where it is of a plain form; it stands in logs. */
export function acceptableRequestId(value: string | undefined, trusted: boolean): string | undefined {
  return trusted && value !== undefined && /^[\w.:-]{8,128}$/.test(value) ? value : undefined;
}

/** The address without the IPv4-mapped prefix that dual-stack sockets show. */
export function plainAddress(address: string | undefined): string {
  if (address === undefined) return '0.0.0.0';
  return isIPv6(address) && address.startsWith('::ffff:') ? address.slice(7) : address;
}

function isManaged(name: string): boolean {
  return (
    forwarding.has(name) || hopByHop.has(name) || name === 'content-length' || name.startsWith(ownPrefix)
  );
}

function nominations(raw: RawHeaders): ReadonlySet<string> {
  const names = pairs(raw)
    .filter(([name]) => name.toLowerCase() === 'connection')
    .flatMap(([, value]) => value.split(','));
  return new Set(names.map((name) => name.trim().toLowerCase()).filter((name) => name !== ''));
}

function hasHeader(raw: RawHeaders, wanted: string): boolean {
  return pairs(raw).some(([name]) => name.toLowerCase() === wanted);
}

function pairs(raw: RawHeaders): [name: string, value: string][] {
  const list: [string, string][] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) list.push([raw[index] ?? '', raw[index + 1] ?? '']);
  return list;
}
