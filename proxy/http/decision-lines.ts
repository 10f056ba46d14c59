import { checkedLines } from './message-writer.ts';
import type { Request } from './request-parser.ts';
import { withoutNames } from './response-parser.ts';
import type { Decision, Outcome } from './seam.ts';

export interface DecisionLines {
  /** Header lines of the request as they go upstream. */
  readonly request: string;
  /** What is added to the answer's. */
  readonly response: string;
}

/** @throws TypeError for a header that can't be set */
export function decisionLines(decision: Decision, request: Request): DecisionLines {
  const { requestHeaders, responseHeaders } = decision;
  if (requestHeaders === undefined && responseHeaders === undefined)
    return { request: request.lines, response: '' };
  const names = new Set(requestHeaders?.map(([name]) => name.toLowerCase()));
  return {
    request: withoutNames(request.lines, names) + checkedLines(requestHeaders ?? []),
    response: checkedLines(responseHeaders ?? []),
  };
}

/** What routing adds to the answer once it knows the outcome. Nothing where it fails: the answer must go out. */
export function outcomeLines(decision: Decision | undefined, outcome: Outcome): string {
  try {
    return checkedLines(decision?.onOutcome?.(outcome) ?? []);
  } catch {
    return '';
  }
}

/** The head of the request, framed anew. @param lines its header lines, framing and connection apart */
export function requestHead(request: Request, lines: string, asWebsocket: boolean): string {
  const { method, target, framing, contentLength } = request;
  let end = '\r\n';
  if (framing === 'length') end = `content-length: ${contentLength}\r\n\r\n`;
  else if (framing === 'chunked') end = 'transfer-encoding: chunked\r\n\r\n';
  else if (asWebsocket) end = 'connection: Upgrade\r\nupgrade: websocket\r\n\r\n';
  return `${method} ${target} HTTP/1.1\r\n${lines}${end}`;
}
