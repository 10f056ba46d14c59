import { forwardingLines, type Forwarded, type Peer } from './forwarding.ts';
import type { HeaderName } from './header-names.ts';
import type { Parser } from './llhttp.ts';
import type { FailureCode, RequestHead } from './seam.ts';
import { canonicalTarget, isHost } from './target-rules.ts';

/** How the end of a body is known. */
export type Framing = 'none' | 'length' | 'chunked';

/** One request whose head is complete and checked. */
export interface Request extends RequestHead {
  readonly framing: Framing;
  /** Announced body bytes; 0 unless `framing` is `length`. */
  readonly contentLength: number;
  /** The client's connection can carry another request after this one. */
  readonly keepAlive: boolean;
  /** The client speaks HTTP/1.1, so it understands chunks. */
  readonly http11: boolean;
  readonly expectsContinue: boolean;
  /** `Sec-WebSocket-Key` of a proper WebSocket handshake (RFC 6455, 4.1). */
  readonly websocketKey: string | undefined;
  readonly host: string;
  /** Header lines that go upstream, each with its CR LF; our own forwarding lines are among them. */
  readonly lines: string;
}

export interface RefusedRequest {
  readonly refuse: FailureCode;
  readonly detail?: string;
}

export interface RequestRules {
  readonly nameOf: (spelling: string) => HeaderName;
  readonly maxHeaderFields: number;
  readonly nextId: () => string;
}

const digits = /^\d{1,15}$/;
const token = /^[!#$%&'*+.^_`|~\w-]+$/;
const requestId = /^[\w.:-]{1,128}$/;
const websocketKey = /^[A-Za-z0-9+/]{22}==$/;
/** Nominating one of these would take away what the message is framed, routed or judged by. */
const neverNominated = new Set(['host', 'content-length', 'transfer-encoding', 'authorization', 'cookie']);
const malformed = (detail: string): RefusedRequest => ({ refuse: 'client-malformed', detail });

class ParsedRequest implements Request {
  readonly method: string;
  readonly target: string;
  readonly path: string;
  readonly peer: string;
  readonly trusted: boolean;
  id = '';
  framing: Framing = 'none';
  contentLength = 0;
  keepAlive = false;
  http11 = true;
  expectsContinue = false;
  websocketKey: string | undefined;
  host = '';
  lines = '';
  readonly names: string[] = [];
  readonly values: string[] = [];

  constructor(method: string, target: string, peer: Peer) {
    this.method = method;
    this.target = target;
    const query = target.indexOf('?');
    this.path = query === -1 ? target : target.slice(0, query);
    this.peer = peer.address;
    this.trusted = peer.trusted;
  }

  header(name: string): string | undefined {
    const at = this.names.indexOf(name);
    return at === -1 ? undefined : this.values[at];
  }
}

/** Checks the head that `parser` holds and writes the lines that go upstream. */
export function readRequest(parser: Parser, peer: Peer, rules: RequestRules): Request | RefusedRequest {
  const { text, spans, fieldCount } = parser;
  const version = parser.version();
  if (version !== 11 && version !== 10) return malformed('Only HTTP/1.1 and HTTP/1.0 are spoken here.');
  if (fieldCount > rules.maxHeaderFields) return { refuse: 'client-header-too-large' };
  const method = parser.method();
  if (method === 'CONNECT' || method === 'TRACE') return { refuse: 'method-refused' };
  const target = canonicalTarget(text.slice(parser.targetStart, parser.targetEnd));
  if ('refused' in target) return malformed(target.refused);

  const request = new ParsedRequest(method, target.target, peer);
  request.http11 = version === 11;
  request.keepAlive = parser.keepAlive;
  const { names, values } = request;
  const given: Forwarded = { chain: '', host: '', proto: '', forwarded: '' };
  let connection = '';
  let upgrade = '';
  let hosts = 0;
  /** Consecutive lines that are already written as we write them are taken as one slice: from, to. */
  let from = 0;
  let to = 0;
  let lines = '';
  for (let i = 0; i < fieldCount * 4; i += 4) {
    const nameStart = spans[i] as number;
    const nameEnd = spans[i + 1] as number;
    const valueStart = spans[i + 2] as number;
    let valueEnd = spans[i + 3] as number;
    while (valueEnd > valueStart && isBlank(text.charCodeAt(valueEnd - 1))) valueEnd -= 1;
    const name = rules.nameOf(text.slice(nameStart, nameEnd));
    const value = text.slice(valueStart, valueEnd);
    names.push(name.lower);
    values.push(value);
    switch (name.rule) {
      case 'pass':
        break;
      case 'trusted':
        if (peer.trusted) break;
        continue;
      case 'alias':
        return malformed('A header has a name that reads like one of the managed headers.');
      case 'hop':
      case 'managed':
        continue;
      case 'connection':
        connection = connection === '' ? value : `${connection},${value}`;
        continue;
      case 'host':
        hosts += 1;
        request.host = value;
        break;
      case 'content-length':
        if (request.framing !== 'none' || !digits.test(value))
          return malformed('Content-Length is not valid.');
        request.framing = 'length';
        request.contentLength = Number(value);
        continue;
      case 'transfer-encoding':
        // Only `chunked`, once, and never from HTTP/1.0, which does not know it (RFC 9112, 6.1).
        if (request.framing !== 'none' || !request.http11 || value.toLowerCase() !== 'chunked') {
          return malformed('Transfer-Encoding is not valid.');
        }
        request.framing = 'chunked';
        continue;
      case 'upgrade':
        upgrade = upgrade === '' ? value : `${upgrade},${value}`;
        continue;
      case 'expect':
        if (!request.http11) continue;
        if (request.expectsContinue || value.toLowerCase() !== '100-continue')
          return { refuse: 'expectation-failed' };
        request.expectsContinue = true;
        continue;
      case 'forwarded-for':
        if (peer.trusted) given.chain = given.chain === '' ? value : `${given.chain}, ${value}`;
        continue;
      case 'forwarded-host':
        if (peer.trusted && given.host === '') given.host = value;
        continue;
      case 'forwarded-proto':
        if (peer.trusted && given.proto === '') given.proto = value;
        continue;
      case 'forwarded':
        if (peer.trusted) given.forwarded = given.forwarded === '' ? value : `${given.forwarded}, ${value}`;
        continue;
      case 'request-id':
        if (peer.trusted && requestId.test(value)) request.id = value;
        continue;
    }
    const canonical =
      text.charCodeAt(nameEnd) === 58 && text.charCodeAt(nameEnd + 1) === 32 && valueStart === nameEnd + 2;
    if (canonical && nameStart === to + 2 && to !== 0) {
      to = valueEnd;
      continue;
    }
    if (to !== 0) lines += `${text.slice(from, to)}\r\n`;
    if (canonical) {
      from = nameStart;
      to = valueEnd;
    } else {
      to = 0;
      lines += `${text.slice(nameStart, nameEnd)}: ${value}\r\n`;
    }
  }
  if (to !== 0) lines += `${text.slice(from, to)}\r\n`;

  if (hosts !== 1 || !isHost(request.host)) return malformed('Exactly one valid Host is needed.');
  if (target.authority !== undefined && target.authority.toLowerCase() !== request.host.toLowerCase()) {
    return malformed('The request target and Host disagree.');
  }
  const nominated = nominatedNames(connection);
  if (nominated === undefined) return malformed('Connection is not valid.');
  if (nominated.size > 0) lines = withoutNominated(request, { nominated, rules });
  if (nominated.has('upgrade') && isWebsocket(request, upgrade)) {
    request.websocketKey = request.header('sec-websocket-key');
  }
  if (request.id === '') request.id = rules.nextId();
  request.lines = `${lines}${forwardingLines(peer, request.host, given)}x-request-id: ${request.id}\r\n`;
  return request;
}

const noNames: ReadonlySet<string> = new Set();

/**
 * What `Connection` says belongs to this hop, `close` and `keep-alive` apart. `undefined` where it is no list of
 * tokens, or names a header without which the message would mean something else (Traefik CVE-2024-45410).
 */
function nominatedNames(connection: string): ReadonlySet<string> | undefined {
  if (connection === '') return noNames;
  const lower = connection.toLowerCase();
  if (lower === 'keep-alive' || lower === 'close') return noNames;
  const names = new Set<string>();
  for (const part of lower.split(',')) {
    const name = part.trim();
    if (name === '' || name === 'close' || name === 'keep-alive') continue;
    if (!token.test(name) || neverNominated.has(name)) return undefined;
    names.add(name);
  }
  return names;
}

function withoutNominated(
  request: ParsedRequest,
  options: { readonly nominated: ReadonlySet<string>; readonly rules: RequestRules },
): string {
  const { nominated, rules } = options;
  const { names, values, trusted } = request;
  let lines = '';
  for (let i = 0; i < names.length; i += 1) {
    const name = names[i] as string;
    const { rule } = rules.nameOf(name);
    const passes = rule === 'pass' || rule === 'host' || (rule === 'trusted' && trusted);
    if (passes && !nominated.has(name)) lines += `${name}: ${values[i]}\r\n`;
  }
  return lines;
}

function isWebsocket(request: ParsedRequest, upgrade: string): boolean {
  return (
    upgrade.toLowerCase() === 'websocket' &&
    request.method === 'GET' &&
    request.http11 &&
    request.framing === 'none' &&
    request.header('sec-websocket-version') === '13' &&
    websocketKey.test(request.header('sec-websocket-key') ?? '')
  );
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9;
}
