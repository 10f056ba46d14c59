import { ownPrefix } from './header-names.ts';
import type { Parser } from './llhttp.ts';

/** How the end of the upstream's body is known; `close` ends with the connection. */
export type ResponseFraming = 'none' | 'length' | 'chunked' | 'close';

/** The head of a final response, checked; `lines` is what goes to the client, framing and connection headers apart. */
export interface ResponseHead {
  readonly status: number;
  readonly reason: string;
  readonly framing: ResponseFraming;
  /** Announced body bytes; -1 where nothing is announced. */
  readonly contentLength: number;
  readonly lines: string;
  /** The `banyan-` lines, which never go to the client, each with its CR LF. */
  readonly own: string;
  /** Seconds in the upstream's `Keep-Alive: timeout`; 0 where it says nothing. */
  readonly keepAliveSeconds: number;
  /** `Upgrade` and `Sec-WebSocket-Accept`, for a 101. */
  readonly upgrade: string;
  readonly websocketAccept: string;
}

const digits = /^\d{1,15}$/;
const keepAliveTimeout = /(?:^|[,\s])timeout=(\d{1,6})/i;

type ResponseRule = 'hop' | 'connection' | 'content-length' | 'transfer-encoding' | 'keep-alive' | 'upgrade';

/** What does not go to the client as it came (RFC 9110, 7.6.1); every other header does, in its order and number. */
const rules = new Map<string, ResponseRule>([
  ['connection', 'connection'],
  ['content-length', 'content-length'],
  ['transfer-encoding', 'transfer-encoding'],
  ['keep-alive', 'keep-alive'],
  ['upgrade', 'upgrade'],
  ['proxy-connection', 'hop'],
  ['proxy-authenticate', 'hop'],
  ['te', 'hop'],
  ['trailer', 'hop'],
]);

/** Lengths that occur among the names of `rules`: most names need no look-up. */
const lengths = new Set([...rules.keys()].map((name) => name.length));

/**
 * Checks the head that `parser` holds.
 * @param bodiless whether the answer has no body by definition: to HEAD, 204, 304
 * @returns `undefined` where the framing is not valid
 */
export function readResponse(parser: Parser, bodiless: boolean): ResponseHead | undefined {
  const { text, spans, fieldCount, status } = parser;
  const version = parser.version();
  if (version !== 11 && version !== 10) return undefined;
  let contentLength = -1;
  let chunked = false;
  let connection = '';
  let keepAliveSeconds = 0;
  let upgrade = '';
  let from = 0;
  let to = 0;
  let lines = '';
  let own = '';
  for (let i = 0; i < fieldCount * 4; i += 4) {
    const nameStart = spans[i] as number;
    const nameEnd = spans[i + 1] as number;
    const valueStart = spans[i + 2] as number;
    let valueEnd = spans[i + 3] as number;
    while (valueEnd > valueStart && isBlank(text.charCodeAt(valueEnd - 1))) valueEnd -= 1;
    if (lengths.has(nameEnd - nameStart)) {
      const rule = rules.get(text.slice(nameStart, nameEnd).toLowerCase());
      if (rule !== undefined) {
        const value = text.slice(valueStart, valueEnd);
        switch (rule) {
          case 'content-length':
            if (contentLength !== -1 || !digits.test(value)) return undefined;
            contentLength = Number(value);
            break;
          case 'transfer-encoding':
            if (chunked || version !== 11 || value.toLowerCase() !== 'chunked') return undefined;
            chunked = true;
            break;
          case 'connection':
            connection = connection === '' ? value : `${connection},${value}`;
            break;
          case 'keep-alive':
            keepAliveSeconds = Number(keepAliveTimeout.exec(value)?.[1] ?? 0);
            break;
          case 'upgrade':
            upgrade = upgrade === '' ? value : `${upgrade},${value}`;
            break;
          case 'hop':
            break;
        }
        continue;
      }
    }
    if ((text.charCodeAt(nameStart) | 32) === 98 && isOwn(text.slice(nameStart, nameEnd))) {
      own += `${text.slice(nameStart, nameEnd)}: ${text.slice(valueStart, valueEnd)}\r\n`;
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
      lines += `${text.slice(nameStart, nameEnd)}: ${text.slice(valueStart, valueEnd)}\r\n`;
    }
  }
  if (to !== 0) lines += `${text.slice(from, to)}\r\n`;
  if (chunked && contentLength !== -1) return undefined;
  if (connection !== '') lines = withoutNominated(lines, connection);
  return {
    status,
    reason: text.slice(parser.targetStart, parser.targetEnd),
    framing: bodiless ? 'none' : chunked ? 'chunked' : contentLength === -1 ? 'close' : 'length',
    contentLength,
    lines,
    own,
    keepAliveSeconds,
    upgrade: upgrade.toLowerCase(),
    websocketAccept: status === 101 ? lineValue(lines, 'sec-websocket-accept') : '',
  };
}

/** Takes out the lines that `Connection` nominates; nearly always it says `keep-alive` or `close` alone. */
function withoutNominated(lines: string, connection: string): string {
  const lower = connection.toLowerCase();
  if (lower === 'keep-alive' || lower === 'close') return lines;
  const nominated = new Set(lower.split(',').map((name) => name.trim()));
  return withoutNames(lines, nominated);
}

/** @param names in lower case */
export function withoutNames(lines: string, names: ReadonlySet<string>): string {
  let kept = '';
  for (const line of lines.split('\r\n')) {
    if (line !== '' && !names.has(line.slice(0, line.indexOf(':')).toLowerCase())) kept += `${line}\r\n`;
  }
  return kept;
}

function lineValue(lines: string, name: string): string {
  for (const line of lines.split('\r\n')) {
    const colon = line.indexOf(':');
    if (line.slice(0, colon).toLowerCase() === name) return line.slice(colon + 1).trim();
  }
  return '';
}

/** Markers between an upstream and us, such as the owner that it names in a 421. The caller has looked for a `b`. */
function isOwn(name: string): boolean {
  return name.toLowerCase().startsWith(ownPrefix);
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9;
}
