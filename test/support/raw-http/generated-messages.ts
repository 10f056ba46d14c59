import {
  array,
  boolean,
  constant,
  constantFrom,
  integer,
  oneof,
  option,
  record,
  string,
  tuple,
  type Arbitrary,
} from 'fast-check';

/** Valid messages, plain and odd, with what must be seen of them at the other end. All text is latin1. */
export interface GeneratedRequest {
  readonly bytes: string;
  readonly method: string;
  /** Origin form in the one spelling that goes upstream. */
  readonly target: string;
  readonly host: string;
  /** End-to-end headers in their order, names in lower case. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

export interface GeneratedResponse {
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
  /** The bytes of the answer to a request with this method, and whether the connection ends with them. */
  answer(toMethod: string): { readonly bytes: string; readonly closes: boolean };
}

const range = (from: number, to: number): string[] => {
  return Array.from({ length: to - from + 1 }, (_none, i) => String.fromCharCode(from + i));
};
const textOf = (characters: string[], minLength: number, maxLength: number): Arbitrary<string> => {
  return string({ unit: constantFrom(...characters), minLength, maxLength });
};

const letters = [...range(0x41, 0x5a), ...range(0x61, 0x7a)];
const tchars = [...letters, ...range(0x30, 0x39), ...Array.from("!#$%&'*+-.^_`|~")];
/** Names that mean something to a proxy, and their aliases: they are the matter of the acceptance tests. */
const meaningful =
  /^(?:banyan-.*|x-forwarded-.*|x-real-ip|forwarded|x-request-id|host|connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|content-length|upgrade|expect|http2-settings|via|x-accel-.*|x-pad|date|server|x-hop)$/;
const oddName = textOf(tchars, 1, 24).filter(
  (name) => !meaningful.test(name.toLowerCase().replaceAll(/[^a-z0-9]/g, '-')),
);
const value = textOf(['\t', ...range(0x20, 0x7e), ...range(0x80, 0xff)], 0, 40).map((text) =>
  text.replaceAll(/^[\t ]+|[\t ]+$/g, ''),
);
const blanks = constantFrom('', ' ', ' ', ' ', '\t', '  \t ');
const lineOf = (name: Arbitrary<string>) => tuple(name, value, blanks, blanks);
const oddLines = array(lineOf(oddName), { maxLength: 5 });

interface Lines {
  readonly text: string;
  readonly headers: (readonly [string, string])[];
}

const written = (lines: readonly (readonly [string, string, string, string])[]): Lines => ({
  text: lines.map(([name, value, before, after]) => `${name}:${before}${value}${after}\r\n`).join(''),
  headers: lines.map(([name, value]) => [name.toLowerCase(), value] as const),
});

const anyByte = range(0, 255);
const body = oneof(
  { weight: 6, arbitrary: textOf(anyByte, 0, 300) },
  { weight: 2, arbitrary: constantFrom('0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: b.example\r\n\r\n') },
  {
    weight: 1,
    arbitrary: integer({ min: 8_000, max: 200_000 }).map((length) => 'large-'.repeat(length / 6)),
  },
);
const chunkExtension = constantFrom('', '', '', ';a=b', ';a="b c"');

/** `text` as chunks of the given sizes, the last of which takes what is left. */
function chunked(text: string, sizes: readonly number[], extension: string): string {
  let encoded = '';
  let at = 0;
  for (const size of [...sizes, text.length]) {
    const part = text.slice(at, at + size);
    if (part !== '') encoded += `${part.length.toString(16)}${extension}\r\n${part}\r\n`;
    at += part.length;
  }
  return `${encoded}0\r\n`;
}

const chunkSizes = array(integer({ min: 1, max: 5_000 }), { maxLength: 4 });

const segment = array(
  constantFrom(
    ...letters,
    ...range(0x30, 0x39),
    ...Array.from("-._~!$&'()*+,;=:@"),
    '%20',
    '%25',
    '%C3%A9',
    '%7C',
    '%0A',
  ),
  { minLength: 1, maxLength: 8 },
)
  .map((parts) => parts.join(''))
  .filter((text) => !/^\.{1,2}(?:;|$)/.test(text));
const path = tuple(array(segment, { maxLength: 4 }), boolean()).map(([segments, slash]) => {
  return segments.length === 0 ? '/' : `/${segments.join('/')}${slash ? '/' : ''}`;
});
const query = oneof(
  constant(''),
  textOf([...range(0x21, 0x22), ...range(0x24, 0x7e)], 0, 30).map((text) => `?${text}`),
);
const host = constantFrom('a.example', 'A.Example', 'a.example:8080', '127.0.0.1', '[::1]:80', 'a_b.example');
const hopByHop = constantFrom(
  '',
  '',
  'Connection: keep-alive, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=9\r\n',
  'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n',
  'TE: trailers\r\nTrailer: T\r\nProxy-Connection: keep-alive\r\n',
);
const usualLines = constantFrom(
  [],
  [['Accept', '*/*', ' ', ''] as const, ['User-Agent', 'a/1 (b; c)', ' ', ''] as const],
  [['Cookie', 'a=b', ' ', ''] as const, ['Cookie', 'c="d"', ' ', ''] as const],
  [['Range', 'bytes=0-1', ' ', ''] as const, ['If-None-Match', 'W/"x", "y"', ' ', ''] as const],
  [['Content-Type', 'application/json', ' ', ''] as const, ['__proto__', 'x', ' ', ''] as const],
);

/** Requests that every HTTP/1.1 server must take, and the proxy forwards. */
export const validRequests: Arbitrary<GeneratedRequest> = record({
  method: constantFrom(
    'GET',
    'GET',
    'POST',
    'PUT',
    'PATCH',
    'DELETE',
    'HEAD',
    'OPTIONS',
    'PROPFIND',
    'M-SEARCH',
    'PURGE',
  ),
  path,
  query,
  host,
  absolute: constantFrom(false, false, false, true),
  usual: usualLines,
  odd: oddLines,
  hopByHop,
  body,
  framing: constantFrom('none', 'length', 'chunked'),
  encoding: constantFrom('chunked', 'Chunked'),
  chunkSizes,
  chunkExtension,
  trailer: constantFrom('', '', 'T: r\r\n'),
}).map((part) => {
  const { method, host, framing } = part;
  const target = part.path + part.query;
  const { text, headers } = written([...part.usual, ...part.odd]);
  let head = `${method} ${part.absolute ? `http://${host}${target}` : target} HTTP/1.1\r\nHost: ${host}\r\n`;
  head += part.hopByHop + text;
  let end = '\r\n';
  if (framing === 'length') end = `Content-Length: ${part.body.length}\r\n\r\n${part.body}`;
  if (framing === 'chunked') {
    const content = chunked(part.body, part.chunkSizes, part.chunkExtension);
    end = `Transfer-Encoding: ${part.encoding}\r\n\r\n${content}${part.trailer}\r\n`;
  }
  return { bytes: head + end, method, target, host, headers, body: framing === 'none' ? '' : part.body };
});

const statuses = constantFrom(200, 200, 201, 204, 206, 301, 304, 400, 404, 418, 429, 500, 503, 599);
/** What some proxies take for one value each, so it is sent once at most. */
const singleLines = constantFrom(
  [],
  [['Content-Type', 'text/plain; charset=utf-8', ' ', ''] as const, ['ETag', 'W/"a"', ' ', ''] as const],
  [['Location', '/a?b=c', ' ', ''] as const, ['Cache-Control', 'no-store, max-age=0', ' ', ''] as const],
  [['Content-Encoding', 'gzip', ' ', ''] as const, ['Vary', 'Accept', ' ', ''] as const],
);
const cookies = array(
  value.map((text) => ['Set-Cookie', `a=${text}`, ' ', ''] as const),
  { maxLength: 3 },
);

/** Answers that every HTTP/1.1 client must take. */
export const validResponses: Arbitrary<GeneratedResponse> = record({
  status: statuses,
  reason: constantFrom('OK', 'Not What You Think', ''),
  single: singleLines,
  cookies,
  odd: oddLines,
  hopByHop: constantFrom('', '', 'Connection: keep-alive, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=9\r\n'),
  body,
  framing: constantFrom('length', 'length', 'chunked', 'close'),
  chunkSizes,
  chunkExtension,
  announced: option(integer({ min: 0, max: 1_000_000 }), { nil: undefined }),
}).map((part) => {
  const { status, reason, framing } = part;
  const { text, headers } = written([...part.single, ...part.cookies, ...part.odd]);
  const bodiless = status === 204 || status === 304;
  const head = `HTTP/1.1 ${status} ${reason}\r\n${text}`;
  return {
    status,
    reason,
    headers,
    body: bodiless ? '' : part.body,
    answer(toMethod) {
      if (bodiless || toMethod === 'HEAD') {
        const length =
          part.announced === undefined || status === 204 ? '' : `Content-Length: ${part.announced}\r\n`;
        return { bytes: `${head}${part.hopByHop}${length}\r\n`, closes: false };
      }
      if (framing === 'close') return { bytes: `${head}Connection: close\r\n\r\n${part.body}`, closes: true };
      const framed =
        framing === 'length'
          ? `Content-Length: ${part.body.length}\r\n\r\n${part.body}`
          : `Transfer-Encoding: chunked\r\n\r\n${chunked(part.body, part.chunkSizes, part.chunkExtension)}\r\n`;
      return { bytes: `${head}${part.hopByHop}${framed}`, closes: false };
    },
  };
});
