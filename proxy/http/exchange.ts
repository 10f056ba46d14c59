import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { errors, type Dispatcher, type Pool } from 'undici';
import { failureBody, failures } from './failures.ts';
import {
  acceptableRequestId,
  plainAddress,
  requestHeaders,
  responseHeaders,
  type Peer,
} from './header-rules.ts';
import type {
  DataPlaneOptions,
  Decision,
  ExchangeReport,
  FailureCode,
  Refusal,
  RequestHead,
} from './seam.ts';
import { targetRefusal } from './target-rules.ts';

export interface ExchangeContext {
  readonly options: DataPlaneOptions;
  readonly pools: Readonly<Record<string, Pool>>;
  readonly isTrusted: (address: string) => boolean;
  readonly draining: () => boolean;
}

/** Ends an exchange with the answer of the failure table. */
interface Failed {
  readonly code: FailureCode;
  readonly detail?: string;
}

/**
 * One exchange, from the complete head to the end of the answer. Never throws: every end is reported once.
 * 1 check the head · 2 decide · 3 send upstream · 4 relay the answer · 5 report
 */
export async function exchange(
  request: IncomingMessage,
  response: ServerResponse,
  context: ExchangeContext,
): Promise<void> {
  const started = performance.now();
  const peer = peerOf(request, context);
  const head = headOf(request, peer);
  const counted = { request: 0, response: 0 };
  let decision: Decision | undefined;
  let failed: Failed | undefined;
  const aborted = new AbortController();
  response.once('close', () => aborted.abort());
  try {
    const headers = checkHead(request, head, peer, context); // 1
    const decided = await decide(head, context); // 2
    decision = decided;
    const answer = await send({
      request,
      head,
      headers,
      decision: decided,
      context,
      signal: aborted.signal,
      counted,
    }); // 3
    await relay(answer, response, { counted, closing: context.draining() }); // 4
  } catch (error) {
    const leftBeforeAnswer = aborted.signal.aborted && !response.headersSent;
    failed = leftBeforeAnswer ? { code: 'client-aborted' } : asFailure(error);
    answerFailure(response, failed, request);
  }
  const status =
    failed === undefined || response.headersSent ? response.statusCode : failures[failed.code].status;
  report(context, { head, decision, failed, status, started, counted }); // 5
}

function headOf(request: IncomingMessage, peer: Peer): RequestHead {
  const target = request.url ?? '/';
  const end = target.indexOf('?');
  return {
    method: request.method ?? 'GET',
    target,
    path: end === -1 ? target : target.slice(0, end),
    header: (name) => {
      const value = request.headersDistinct[name];
      return value?.[0];
    },
    peer: peer.address,
    trusted: peer.trusted,
    id: acceptableRequestId(request.headersDistinct['x-request-id']?.[0], peer.trusted) ?? randomUUID(),
  };
}

function peerOf(request: IncomingMessage, context: ExchangeContext): Peer {
  const address = plainAddress(request.socket.remoteAddress);
  return { address, trusted: context.isTrusted(address), secure: 'encrypted' in request.socket };
}

function checkHead(
  request: IncomingMessage,
  head: RequestHead,
  peer: Peer,
  context: ExchangeContext,
): string[] {
  if (head.method === 'TRACE' || head.method === 'CONNECT') throw failure('method-refused');
  const refusal = targetRefusal(head.target);
  if (refusal !== undefined) throw failure('client-malformed', refusal);
  if ((request.headersDistinct['host']?.length ?? 0) > 1)
    throw failure('client-malformed', 'There are two Host headers.');
  if (Number(head.header('content-length') ?? 0) > context.options.limits.maxBodyBytes)
    throw failure('client-body-too-large');
  const headers = requestHeaders(request.rawHeaders, peer, head.id);
  if ('refused' in headers) throw failure('client-malformed', headers.refused);
  return headers;
}

async function decide(head: RequestHead, context: ExchangeContext): Promise<Decision> {
  let decided: Decision | Refusal;
  try {
    decided = await context.options.decide(head);
  } catch (cause) {
    throw failure('decision-failed', undefined, cause);
  }
  if ('refuse' in decided) throw failure(decided.refuse, decided.detail);
  return decided;
}

interface Sending {
  readonly request: IncomingMessage;
  readonly head: RequestHead;
  readonly headers: string[];
  readonly decision: Decision;
  readonly context: ExchangeContext;
  readonly signal: AbortSignal;
  readonly counted: { request: number };
}

async function send(sending: Sending): Promise<Dispatcher.ResponseData> {
  const { request, head, headers, decision, context, signal } = sending;
  const { upstreams } = context.options;
  const upstream = upstreams[decision.upstream];
  const pool = context.pools[decision.upstream];
  if (upstream === undefined || pool === undefined) throw failure('decision-failed');
  if (pool.stats.queued >= upstream.maxWaiting) throw failure('upstream-overloaded');
  return pool.request({
    path: head.target,
    method: head.method,
    headers,
    body: hasBody(request) ? Readable.from(boundedBody(sending)) : null,
    signal,
    headersTimeout: upstream.headerTimeoutMs,
    bodyTimeout: upstream.bodyTimeoutMs,
    responseHeaders: 'raw',
  });
}

function hasBody(request: IncomingMessage): boolean {
  return (
    request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0
  );
}

/** A chunked body has no length to check beforehand, so the bytes are counted as they pass. */
async function* boundedBody({ request, context, counted }: Sending): AsyncGenerator<Buffer> {
  for await (const chunk of request as AsyncIterable<Buffer>) {
    counted.request += chunk.length;
    if (counted.request > context.options.limits.maxBodyBytes) throw failure('client-body-too-large');
    yield chunk;
  }
}

interface Relaying {
  readonly counted: { response: number };
  readonly closing: boolean;
}

async function relay(
  answer: Dispatcher.ResponseData,
  response: ServerResponse,
  options: Relaying,
): Promise<void> {
  // With `responseHeaders: 'raw'` undici gives Node's flat list, whatever its types say.
  const headers = responseHeaders(
    (answer.headers as unknown as (string | Buffer)[]).map((part) => part.toString('latin1')),
  );
  if (options.closing) headers.push('connection', 'close');
  response.writeHead(answer.statusCode, headers);
  answer.body.on('data', (chunk: Buffer) => (options.counted.response += chunk.length));
  await pipeline(answer.body, response);
}

const failureMark: unique symbol = Symbol('failure');

function failure(code: FailureCode, detail?: string, cause?: unknown): Error {
  return Object.assign(new Error(detail ?? failures[code].detail, { cause }), {
    [failureMark]: true,
    code,
    detail,
  });
}

/** undici's and the sockets' error codes, by phase. */
const failuresByCode: Readonly<Record<string, FailureCode>> = {
  ECONNREFUSED: 'upstream-unreachable',
  EHOSTUNREACH: 'upstream-unreachable',
  ENETUNREACH: 'upstream-unreachable',
  ENOTFOUND: 'upstream-unreachable',
  EAI_AGAIN: 'upstream-unreachable',
  UND_ERR_CONNECT_TIMEOUT: 'upstream-connect-timeout',
  UND_ERR_HEADERS_TIMEOUT: 'upstream-header-timeout',
  UND_ERR_BODY_TIMEOUT: 'upstream-body-timeout',
  UND_ERR_HEADERS_OVERFLOW: 'upstream-malformed',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'upstream-malformed',
  // The client's connection closed before the whole answer was out.
  UND_ERR_ABORTED: 'client-aborted',
  ABORT_ERR: 'client-aborted',
  ERR_STREAM_PREMATURE_CLOSE: 'client-aborted',
};

function asFailure(error: unknown): Failed {
  if (isFailure(error))
    return { code: error.code, ...(error.detail === undefined ? {} : { detail: error.detail }) };
  if (error instanceof errors.HTTPParserError) return { code: 'upstream-malformed' };
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  return { code: failuresByCode[code] ?? 'upstream-closed' };
}

function isFailure(error: unknown): error is { readonly code: FailureCode; readonly detail?: string } {
  return typeof error === 'object' && error !== null && failureMark in error;
}

function answerFailure(response: ServerResponse, { code, detail }: Failed, request: IncomingMessage): void {
  if (response.headersSent || response.destroyed) {
    // Part of an answer is out: a clean end would make it look whole (acceptance row 17).
    response.destroy();
    return;
  }
  const { status, retryAfter, side } = failures[code];
  const headers: Record<string, string> = {
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
  };
  if (retryAfter !== undefined) headers['retry-after'] = String(retryAfter);
  // What is left of the request is not read, so the connection cannot be used again.
  if (side === 'client' || !request.complete) headers['connection'] = 'close';
  response.writeHead(status, headers).end(failureBody(code, detail));
}

interface Ended {
  readonly head: RequestHead;
  readonly decision: Decision | undefined;
  readonly failed: Failed | undefined;
  readonly status: number;
  readonly started: number;
  readonly counted: { readonly request: number; readonly response: number };
}

function report(context: ExchangeContext, { head, decision, failed, status, started, counted }: Ended): void {
  const ended: ExchangeReport = {
    head,
    decision,
    status: failed?.code === 'client-aborted' ? failures['client-aborted'].status : status,
    failure: failed?.code,
    durationMs: performance.now() - started,
    requestBytes: counted.request,
    responseBytes: counted.response,
  };
  context.options.onExchange(ended);
}
