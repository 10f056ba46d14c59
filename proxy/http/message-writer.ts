import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { problem, problemBody } from '#shared/errors/problem.ts';
import { failures } from './failures.ts';
import type { HeaderLines, FailureCode } from './seam.ts';
import { writeLent } from './wire.ts';

/** Up to here bytes are copied into one string, so that head and body leave in one write without a list of buffers. */
const joinedBytes = 8_192;

/**
 * Writes one part with its chunk framing. Takes its four arguments apart, as it runs several times for each request.
 * @returns false when the socket wants no more until it drains
 */
export function writePart(
  socket: Socket,
  head: string,
  body: Buffer | undefined,
  chunked: boolean,
  last: boolean,
): boolean {
  const end = chunked && last ? '0\r\n\r\n' : '';
  const length = body === undefined ? 0 : body.length;
  if (body === undefined || length === 0) {
    const text = head + end;
    return text === '' ? !socket.writableNeedDrain : socket.write(text, 'latin1');
  }
  const before = chunked ? `${head}${length.toString(16)}\r\n` : head;
  const after = chunked ? `\r\n${end}` : '';
  if (length <= joinedBytes) return socket.write(before + body.toString('latin1') + after, 'latin1');
  return writeLent(socket, before, body, after);
}

const headerName = /^[!#$%&'*+.^_`|~\w-]+$/;
const headerValue = /^[\t\x20-\x7e\x80-\xff]*$/;
/** Framing and connection are ours alone to write. */
const reserved = new Set(
  'connection content-length host keep-alive te trailer transfer-encoding upgrade'.split(' '),
);

/**
 * Header lines that configuration or a decision asks for. No CR, LF or NUL may come from anywhere (CWE-113).
 * @throws TypeError for a name or value that is no header, or a header that frames the message
 */
export function checkedLines(headers: HeaderLines): string {
  let lines = '';
  for (const [name, value] of headers) {
    if (!headerName.test(name) || reserved.has(name.toLowerCase()))
      throw new TypeError('this header cannot be set');
    if (!headerValue.test(value)) throw new TypeError(`the value for ${name} is no header value`);
    lines += `${name}: ${value}\r\n`;
  }
  return lines;
}

export interface OwnAnswer {
  readonly failure: FailureCode;
  readonly detail: string | undefined;
  readonly requestId: string | undefined;
  readonly close: boolean;
  /** For HEAD: the headers alone. */
  readonly withoutBody: boolean;
}

/** An answer that is ours and not an upstream's, as `application/problem+json` (RFC 9457). */
export function ownAnswer(options: OwnAnswer): string {
  const failure = failures[options.failure];
  const { status } = failure;
  const body = JSON.stringify(
    problemBody(problem(status, options.failure, options.detail ?? failure.detail)),
  );
  let head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\ncontent-type: application/problem+json\r\n`;
  head += `date: ${new Date().toUTCString()}\r\ncontent-length: ${Buffer.byteLength(body)}\r\ncache-control: no-store\r\n`;
  if (failure.retryAfter !== undefined) head += `retry-after: ${failure.retryAfter}\r\n`;
  if (options.failure === 'method-refused') head += 'allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n';
  if (options.requestId !== undefined) head += `x-request-id: ${options.requestId}\r\n`;
  if (options.close) head += 'connection: close\r\n';
  const text = `${head}\r\n${options.withoutBody ? '' : body}`;
  // Details may hold any character; sockets here write latin1.
  return Buffer.from(text, 'utf8').toString('latin1');
}
