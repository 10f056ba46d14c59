import type { Socket } from 'node:net';
import { failures } from './failures.ts';
import { checkedLines, ownAnswer, writePart } from './message-writer.ts';
import type { PlaneContext } from './plane-context.ts';
import type { Request } from './request-parser.ts';
import { withoutNames, type ResponseHead } from './response-parser.ts';
import type { Decision, FailureCode, Refusal, Tap } from './seam.ts';
import { outcomeOf, tapAnswer, tapAnswerBody, tapEnd, tapRequest, tapRequestBody } from './tapping.ts';
import type { LostRequest, UpstreamConnection, UpstreamListener } from './upstream-connection.ts';
import type { UpstreamPool, Waiter } from './upstream-pool.ts';
import { switchesToWebsocket } from './websocket.ts';
import type { Wire } from './wire.ts';

/** The connection that an exchange serves, as far as the exchange sees it. */
export interface ClientSide {
  readonly socket: Socket;
  /** Stops and goes on reading the request body; both may be called again and again. */
  pauseReading(): void;
  resumeReading(): void;
  /** The socket is full: the client has `sendTimeoutMs` to take something. */
  awaitDrain(): void;
  /** The answer is written. `keep` is false where nothing more may come on this connection. */
  exchangeEnded(keep: boolean): void;
  /** Both sides agreed to leave HTTP. */
  becomeTunnel(upstream: Wire, rest: Buffer | undefined): void;
}

/** Bodies up to here are gathered before the upstream is asked for anything; larger ones stream. */
const gatheredBytes = 65_536;
const maxSends = 3;
const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * The life of one request:
 * 1. *receive*: the head is framed and checked (request-parser.ts) before an exchange exists; its body comes in here;
 * 2. *decide*: routing says where it goes, once;
 * 3. *connect*: a connection of that upstream's pool;
 * 4. *send*: the request, framed anew;
 * 5. *answer*: the upstream's response, framed anew, or our own;
 * 6. *end*: the report, and the client's connection is free for its next request or closed.
 */
export class Exchange implements UpstreamListener, Waiter {
  waitUntil = Infinity;
  readonly request: Request;
  readonly #plane: PlaneContext;
  readonly #client: ClientSide;
  readonly #startedAt = performance.now();
  #decision: Decision | undefined;
  #pool: UpstreamPool | undefined;
  #upstream: UpstreamConnection | undefined;
  /** The body as far as it waits to be sent, or is kept to be sent again. */
  #body: Buffer | undefined;
  /** What came after `#body` and was not joined to it yet. */
  readonly #more: Buffer[] = [];
  #requestBytes = 0;
  #requestComplete: boolean;
  #requestLines: string;
  #responseLines = '';
  #sends = 0;
  #streaming = false;
  #websocket = false;
  #status = 0;
  #responseBytes = 0;
  #chunkedAnswer = false;
  #keepClient = false;
  #waiting = false;
  #ended = false;
  #tap: Tap | undefined;
  /** When the request was first sent; kept for the tap alone. */
  #sentAt = 0;

  constructor(plane: PlaneContext, client: ClientSide, request: Request) {
    this.#plane = plane;
    this.#client = client;
    this.request = request;
    this.#requestLines = request.lines;
    this.#requestComplete = false;
    plane.running += 1;
  }

  /** Whether an answer is on its way to the client. */
  get answering(): boolean {
    return this.#status !== 0;
  }

  // 1. receive

  /** Begins with what came with the head: some body or none, and whether that is all. */
  begin(body: Buffer | undefined, complete: boolean): void {
    this.#requestComplete = complete;
    if (body !== undefined) {
      // A copy: the chunk is lent (wire.ts), and the body may be needed again.
      this.#body = Buffer.from(body);
      this.#requestBytes = body.length;
    }
    const { maxBodyBytes } = this.#plane.limits;
    if (this.request.contentLength > maxBodyBytes || this.#requestBytes > maxBodyBytes) {
      this.fail('client-body-too-large');
      return;
    }
    this.#decide();
  }

  /** More of the request body. */
  onRequestBody(body: Buffer | undefined, complete: boolean): void {
    if (this.#ended) return;
    this.#requestComplete = complete;
    if (body !== undefined) this.#requestBytes += body.length;
    if (this.#requestBytes > this.#plane.limits.maxBodyBytes) {
      this.fail('client-body-too-large');
      return;
    }
    if (this.#streaming) {
      if (this.#tap !== undefined && body !== undefined) this.#tap = tapRequestBody(this.#tap, body);
      const writable = this.#upstream?.send('', body, this.request.framing === 'chunked', complete) ?? true;
      if (!writable) this.#client.pauseReading();
      return;
    }
    if (body !== undefined) this.#more.push(Buffer.from(body));
    if (this.#decision === undefined || this.#waiting) {
      if (!complete && this.#requestBytes > gatheredBytes) this.#client.pauseReading();
      return;
    }
    if (complete) this.#connect(false);
  }

  // 2. decide

  #decide(): void {
    let decided;
    try {
      decided = this.#plane.decide(this.request);
    } catch {
      this.fail('decision-failed');
      return;
    }
    if (!('then' in decided)) {
      this.#onDecision(decided);
      return;
    }
    decided.then(
      (decision) => this.#onDecision(decision),
      () => this.fail('decision-failed'),
    );
  }

  #onDecision(decided: Decision | Refusal): void {
    if (this.#ended) return;
    if ('refuse' in decided) {
      this.fail(decided.refuse, decided.detail);
      return;
    }
    this.#decision = decided;
    this.#tap = decided.tap;
    this.#pool = this.#plane.pools.get(decided.upstream);
    if (this.#pool === undefined) {
      this.fail('decision-failed');
      return;
    }
    if (decided.requestHeaders !== undefined || decided.responseHeaders !== undefined) {
      try {
        this.#setHeaders(decided);
      } catch {
        this.fail('decision-failed');
        return;
      }
    }
    this.#plane.retryBudget.deposit();
    this.#websocket = decided.websocket === true && this.request.websocketKey !== undefined;
    if (!this.#requestComplete) {
      if (this.request.expectsContinue && this.#requestBytes === 0) {
        this.#client.socket.write('HTTP/1.1 100 Continue\r\n\r\n', 'latin1');
      }
      const { framing, contentLength } = this.request;
      if (framing === 'length' && contentLength <= gatheredBytes) {
        this.#client.resumeReading();
        return;
      }
    }
    this.#connect(false);
  }

  #setHeaders(decision: Decision): void {
    const { requestHeaders = [], responseHeaders = [] } = decision;
    const names = new Set(requestHeaders.map(([name]) => name.toLowerCase()));
    this.#requestLines = withoutNames(this.request.lines, names) + checkedLines(requestHeaders);
    this.#responseLines = checkedLines(responseHeaders);
  }

  // 3. connect

  #connect(fresh: boolean): void {
    this.#waiting = true;
    const connection = this.#pool?.acquire(this, fresh);
    if (connection !== undefined) this.onConnection(connection);
  }

  onNoConnection(code: FailureCode): void {
    this.fail(code);
  }

  // 4. send

  onConnection(connection: UpstreamConnection): void {
    this.#waiting = false;
    this.#upstream = connection;
    this.#sends += 1;
    const { request } = this;
    connection.begin(this, { toHead: request.method === 'HEAD', expectsSwitch: this.#websocket });
    const complete = this.#requestComplete;
    if (this.#more.length > 0) this.#joinBody();
    if (this.#tap !== undefined && this.#sends === 1) this.#tapRequest(this.#tap);
    let head = `${request.method} ${request.target} HTTP/1.1\r\n${this.#requestLines}`;
    if (request.framing === 'length') head += `content-length: ${request.contentLength}\r\n\r\n`;
    else if (request.framing === 'chunked') head += 'transfer-encoding: chunked\r\n\r\n';
    else if (this.#websocket) head += 'connection: Upgrade\r\nupgrade: websocket\r\n\r\n';
    else head += '\r\n';
    const writable = connection.send(head, this.#body, request.framing === 'chunked', complete);
    if (complete) return;
    this.#streaming = true;
    this.#body = undefined;
    if (writable) this.#client.resumeReading();
    else this.#client.pauseReading();
  }

  #tapRequest(tap: Tap): void {
    const { method, target, framing, contentLength } = this.request;
    this.#sentAt = performance.now();
    const hasBody = framing !== 'none';
    const announced = framing === 'chunked' ? -1 : contentLength;
    const request = { method, target, lines: this.#requestLines, hasBody, contentLength: announced };
    this.#tap = tapRequest(tap, request, this.#body);
  }

  #joinBody(): void {
    if (this.#body !== undefined) this.#more.unshift(this.#body);
    this.#body = Buffer.concat(this.#more);
    this.#more.length = 0;
  }

  onUpstreamDrain(): void {
    if (!this.#ended && !this.#requestComplete) this.#client.resumeReading();
  }

  /**
   * What never left is sent again on a new connection. Beyond that, only a safe method (RFC 9110, 9.2.1) whose
   * kept-alive connection was closed before any byte of an answer (RFC 9112, 9.3.1), once, within the budget of all
   * requests: a write may have been done. No answer is ever retried for its status.
   */
  onUpstreamFailure(code: FailureCode, lost: LostRequest): void {
    this.#upstream = undefined;
    const whole = this.#requestComplete && !this.#streaming && !this.answering;
    const safe = lost.stale && this.#sends === 1 && safeMethods.has(this.request.method);
    const again = lost.neverLeft ? this.#sends < maxSends : safe && this.#plane.retryBudget.withdraw();
    if (whole && again) this.#connect(true);
    else this.fail(code);
  }

  // 5. answer

  onResponse(head: ResponseHead, body: Buffer | undefined, last: boolean): void {
    const { request } = this;
    this.#status = head.status;
    if (this.#tap !== undefined) this.#tap = tapAnswer(this.#tap, head, body);
    if (!this.#requestComplete) this.#client.resumeReading();
    this.#keepClient = this.#clientMayGoOn();
    let text = `HTTP/1.1 ${head.status} ${head.reason}\r\n${head.lines}${this.#responseLines}`;
    if (head.framing === 'none' || head.framing === 'length') {
      if (head.contentLength !== -1) text += `content-length: ${head.contentLength}\r\n`;
    } else if (request.http11) {
      this.#chunkedAnswer = true;
      text += 'transfer-encoding: chunked\r\n';
    } else if (last) {
      text += `content-length: ${body?.length ?? 0}\r\n`;
    } else {
      this.#keepClient = false;
    }
    if (this.#plane.serverTiming)
      text += `server-timing: proxy;dur=${(performance.now() - this.#startedAt).toFixed(1)}\r\n`;
    if (!this.#keepClient) text += 'connection: close\r\n\r\n';
    else if (request.http11) text += '\r\n';
    else text += 'connection: keep-alive\r\n\r\n';
    this.#relay(text, body, last);
  }

  onResponseBody(body: Buffer | undefined, last: boolean): void {
    if (this.#tap !== undefined && body !== undefined) this.#tap = tapAnswerBody(this.#tap, body);
    this.#relay('', body, last);
  }

  #relay(head: string, body: Buffer | undefined, last: boolean): void {
    if (body !== undefined) this.#responseBytes += body.length;
    const writable = writePart(this.#client.socket, head, body, this.#chunkedAnswer, last);
    if (last) {
      this.#end(undefined);
      this.#client.exchangeEnded(this.#keepClient);
    } else if (!writable) {
      this.#upstream?.pause();
      this.#client.awaitDrain();
    }
  }

  /** The client takes bytes again. */
  onClientDrain(): void {
    this.#upstream?.resume();
  }

  onSwitch(upstream: Wire, head: ResponseHead, rest: Buffer | undefined): void {
    this.#upstream = undefined;
    if (!switchesToWebsocket(head, this.request.websocketKey ?? '')) {
      upstream.socket.destroy();
      this.fail('upstream-malformed');
      return;
    }
    this.#status = 101;
    const lines = head.lines + this.#responseLines;
    this.#client.socket.write(
      `HTTP/1.1 101 Switching Protocols\r\n${lines}connection: Upgrade\r\nupgrade: websocket\r\n\r\n`,
      'latin1',
    );
    this.#end(undefined);
    this.#client.becomeTunnel(upstream, rest);
  }

  // 6. end

  /** Ends the exchange with our own answer; where an answer is on its way, by cutting the client's connection (row 17). */
  fail(code: FailureCode, detail?: string): void {
    if (this.#ended) return;
    const { socket } = this.#client;
    if (this.answering) {
      this.#end(code);
      socket.destroy();
      return;
    }
    const { status, closes } = failures[code];
    const keep = !closes && this.#clientMayGoOn();
    this.#status = status;
    this.#end(code);
    socket.write(
      ownAnswer({
        failure: code,
        detail,
        requestId: this.request.id,
        close: !keep,
        withoutBody: this.request.method === 'HEAD',
      }),
      'latin1',
    );
    this.#client.exchangeEnded(keep);
  }

  /**
   * Whether what follows on the client's connection is its next request. Not after an answer before the request's end
   * (row 16), nor after a handshake: what followed it was meant for the tunnel (row 20).
   */
  #clientMayGoOn(): boolean {
    return this.request.keepAlive && this.#requestComplete && !this.#websocket && !this.#plane.draining;
  }

  /** The client left: nobody waits for the answer, so the upstream is spared the rest of it (row 18). */
  onClientGone(failure: FailureCode): void {
    if (this.#ended) return;
    this.#status = 499;
    this.#end(failure);
  }

  #end(failure: FailureCode | undefined): void {
    this.#ended = true;
    const plane = this.#plane;
    plane.running -= 1;
    if (this.#waiting) this.#pool?.leave(this);
    if (failure !== undefined || !this.#requestComplete) this.#upstream?.destroy();
    this.#upstream = undefined;
    plane.onExchange({
      head: this.request,
      decision: this.#decision,
      status: this.#status,
      failure,
      durationMs: performance.now() - this.#startedAt,
      requestBytes: this.#requestBytes,
      responseBytes: this.#responseBytes,
    });
    if (this.#tap === undefined) return;
    // An answer before the end of its request (row 16) belongs to no request that could be asked again.
    const outcome = outcomeOf(this.#status, failure !== undefined || !this.#requestComplete);
    tapEnd(this.#tap, {
      outcome,
      durationMs: this.#sentAt === 0 ? 0 : performance.now() - this.#sentAt,
    });
  }
}
