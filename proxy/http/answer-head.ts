import type { Request } from './request-parser.ts';
import type { ResponseHead } from './response-parser.ts';

export interface AnswerFraming {
  /** The body goes out in chunks. */
  readonly chunked: boolean;
  /** Only the end of the connection shows the end of the body: the client speaks HTTP/1.0. */
  readonly byClose: boolean;
  /** `content-length` or `transfer-encoding`, with its CR LF, or nothing. */
  readonly lines: string;
}

const asAnnounced: AnswerFraming = { chunked: false, byClose: false, lines: '' };
const inChunks: AnswerFraming = { chunked: true, byClose: false, lines: 'transfer-encoding: chunked\r\n' };
const byClose: AnswerFraming = { chunked: false, byClose: true, lines: '' };

/** How the answer is framed for this client, whatever its framing was: one rule in, one written out. */
export function answerFraming(
  head: ResponseHead,
  to: Request,
  wholeBody: Buffer | undefined | false,
): AnswerFraming {
  if (head.framing === 'none' || head.framing === 'length') {
    if (head.contentLength === -1) return asAnnounced;
    return { chunked: false, byClose: false, lines: `content-length: ${head.contentLength}\r\n` };
  }
  if (to.http11) return inChunks;
  if (wholeBody === false) return byClose;
  return { chunked: false, byClose: false, lines: `content-length: ${wholeBody?.length ?? 0}\r\n` };
}

/** The line that says whether the client's connection goes on, and the end of the head. */
export function endOfHead(to: Request, keep: boolean): string {
  if (!keep) return 'connection: close\r\n\r\n';
  return to.http11 ? '\r\n' : 'connection: keep-alive\r\n\r\n';
}

/** Our own 101, once the upstream gave its. @param lines the upstream's header lines */
export function switchHead(lines: string): string {
  return `HTTP/1.1 101 Switching Protocols\r\n${lines}connection: Upgrade\r\nupgrade: websocket\r\n\r\n`;
}
