/**
 * A second opinion on HTTP/1.1 framing for the tests' oracle. Written from RFC 9112 alone and shares nothing with the
 * product: what it does not accept byte for byte is an error.
 */
export interface Message {
  readonly startLine: string;
  /** As received: names in their spelling, order and number kept. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
  /** Method and target of a request, status of a response. */
  readonly method: string;
  readonly target: string;
  readonly status: number;
  /** All values of a header, name in lower case. */
  all(name: string): string[];
  readonly chunked: boolean;
  /** The end of the body was the end of the connection. */
  readonly untilClose: boolean;
}

export type Parsed =
  | { readonly kind: 'message'; readonly message: Message; readonly rest: string }
  /** `atLeast` characters are needed before it makes sense to look again. */
  | { readonly kind: 'incomplete'; readonly atLeast: number }
  | { readonly kind: 'error'; readonly why: string };

const requestLine = /^([A-Z-]+) ([\x21-\x7e]+) HTTP\/1\.[01]$/;
const statusLine = /^HTTP\/1\.[01] (\d{3}) ([\t\x20-\x7e\x80-\xff]*)$/;
const field = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[\t ]*([\t\x20-\x7e\x80-\xff]*?)[\t ]*$/;

/**
 * @param text latin1
 * @param options `toMethod`: for responses, the method of the request; `ended`: no more bytes come
 */
export function parseMessage(
  text: string,
  options: { readonly kind: 'request' | 'response'; readonly toMethod?: string; readonly ended?: boolean },
): Parsed {
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd === -1)
    return text === '' || options.ended !== true ? incomplete() : error('the head is cut off');
  const [startLine = '', ...lines] = text.slice(0, headEnd).split('\r\n');
  const start = (options.kind === 'request' ? requestLine : statusLine).exec(startLine);
  if (start === null) return error(`bad start line ${JSON.stringify(startLine)}`);
  const headers: [string, string][] = [];
  for (const line of lines) {
    const match = field.exec(line);
    if (match === null) return error(`bad field ${JSON.stringify(line)}`);
    headers.push([match[1] ?? '', match[2] ?? '']);
  }
  const all = (name: string): string[] => {
    return headers.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value);
  };
  const request = options.kind === 'request';
  const status = request ? 0 : Number(start[1]);
  const lengths = all('content-length');
  const encodings = all('transfer-encoding');
  if (lengths.length + encodings.length > 1) return error('more than one framing header');
  if (encodings.length === 1 && encodings[0] !== 'chunked') return error('unknown transfer coding');
  if (lengths.length === 1 && !/^\d+$/.test(lengths[0] ?? '')) return error('bad Content-Length');
  const after = text.slice(headEnd + 4);
  const bodiless =
    !request && (options.toMethod === 'HEAD' || status < 200 || status === 204 || status === 304);
  const message = (body: string, rest: string, untilClose = false): Parsed => ({
    kind: 'message',
    rest,
    message: {
      startLine,
      headers,
      body,
      method: request ? (start[1] ?? '') : '',
      target: request ? (start[2] ?? '') : '',
      status,
      all,
      chunked: encodings.length === 1,
      untilClose,
    },
  });
  if (bodiless) return message('', after);
  if (encodings.length === 1) {
    const body = parseChunks(text, headEnd + 4);
    return 'content' in body ? message(body.content, body.rest) : body;
  }
  if (lengths.length === 1) {
    const length = Number(lengths[0]);
    if (after.length < length)
      return options.ended === true ? error('the body is cut off') : incomplete(headEnd + 4 + length);
    return message(after.slice(0, length), after.slice(length));
  }
  if (request) return message('', after);
  return options.ended === true ? message(after, '', true) : incomplete();
}

function parseChunks(
  text: string,
  from: number,
): Parsed | { readonly content: string; readonly rest: string } {
  let content = '';
  let at = from;
  for (;;) {
    const lineEnd = text.indexOf('\r\n', at);
    if (lineEnd === -1) return incomplete();
    const line = text.slice(at, lineEnd);
    if (!/^[0-9A-Fa-f]{1,8}$/.test(line)) return error(`bad chunk line ${JSON.stringify(line)}`);
    const size = Number.parseInt(line, 16);
    at = lineEnd + 2;
    if (size === 0) {
      if (text.length < at + 2) return incomplete();
      return text.startsWith('\r\n', at)
        ? { content, rest: text.slice(at + 2) }
        : error('trailers are not expected');
    }
    if (text.length < at + size + 2) return incomplete(at + size + 2);
    content += text.slice(at, at + size);
    if (!text.startsWith('\r\n', at + size)) return error('a chunk does not end where it says');
    at += size + 2;
  }
}

const incomplete = (atLeast = 0) => ({ kind: 'incomplete', atLeast }) as const;
const error = (why: string) => ({ kind: 'error', why }) as const;
