import { answerFraming, endOfHead, switchHead } from './answer-head.ts';
import type { ClientSide } from './client-side.types.ts';
import { decideOnce, type Decided } from './decide-once.ts';
import { decisionLines, outcomeLines, requestHead, type DecisionLines } from './decision-lines.ts';
import { failures } from './failures.ts';
import { HeldAnswer } from './held-answer.ts';
import { ownAnswer, writePart } from './message-writer.ts';
import type { PlaneContext } from './plane-context.ts';
import { Redirection, type Redirected } from './redirection.ts';
import { gatheredBytes, RequestBody } from './request-body.ts';
import type { Request } from './request-parser.ts';
import type { ResponseHead } from './response-parser.ts';
import type { Decision, FailureCode, Refusal } from './seam.ts';
import { maySendAgain } from './send-again.ts';
import { Tapping } from './tapping.ts';
import type { LostRequest, UpstreamConnection, UpstreamListener } from './upstream-connection.ts';
import type { UpstreamPool, Waiter } from './upstream-pool.ts';
import { switchesToWebsocket } from './websocket.ts';
import type { Wire } from './wire.ts';

const notKept = 'Another system takes this request, and it was too large to be kept; send it again.';

/**
 * The life of one request:
 * 1. *receive*: the head is framed and checked (request-parser.ts) before an exchange exists; its body comes in here;
 * 2. *decide*: routing says where it goes, once;
 * 3. *connect*: a connection of that upstream's pool;
 * 4. *send*: the request, framed anew;
 * 5. *answer*: the upstream's response, framed anew, or our own; but a refusal of one that is not the owner leads back to 3,
 *    for another upstream or after a while (redirection.ts);
 * 6. *end*: the report, and the client's connection is free for its next request or closed.
 */
export class Exchange implements Decided, UpstreamListener, Waiter, Redirected {
  waitUntil = Infinity;
  readonly request: Request;
  readonly #plane: PlaneContext;
  readonly #client: ClientSide;
  readonly #startedAt = performance.now();
  #decision: Decision | undefined;
  #pool: UpstreamPool | undefined;
  #upstreamName = '';
  #upstream: UpstreamConnection | undefined;
  readonly #body: RequestBody;
  #requestComplete = false;
  #lines: DecisionLines;
  #sends = 0;
  #streaming = false;
  #websocket = false;
  #status = 0;
  #responseBytes = 0;
  #chunkedAnswer = false;
  #keepClient = false;
  #waiting = false;
  #ended = false;
  #tapping: Tapping | undefined;
  /** The whole body is waited for, since it may be needed again. */
  #gathering = false;
  #redirection: Redirection | undefined;
  /** The answer has begun, and waits. */
  #held: HeldAnswer | undefined;
  #marked = false;

  constructor(plane: PlaneContext, client: ClientSide, request: Request) {
    this.#plane = plane;
    this.#client = client;
    this.request = request;
    this.#lines = { request: request.lines, response: '' };
    this.#body = new RequestBody(plane.held);
    plane.running += 1;
  }

  /** Whether an answer is on its way to the client. */
  get answering(): boolean {
    return this.#status !== 0;
  }

  // 1. receive

  /** Begins with what came with the head: some body or none, and whether that is all. */
  begin(body: Buffer | undefined, complete: boolean): void {
    if (!this.#receive(body, complete)) return;
    this.#body.add(body);
    decideOnce(this.#plane.decide, this.request, this);
  }

  #receive(body: Buffer | undefined, complete: boolean): boolean {
    this.#requestComplete = complete;
    this.#body.count(body);
    const bytes = Math.max(this.request.contentLength, this.#body.received);
    if (bytes <= this.#plane.limits.maxBodyBytes) return true;
    this.fail('client-body-too-large');
    return false;
  }

  /** More of the request body. */
  onRequestBody(body: Buffer | undefined, complete: boolean): void {
    if (this.#ended || !this.#receive(body, complete)) return;
    if (this.#streaming) {
      this.#tapping?.requestBody(body);
      const writable = this.#upstream?.send('', body, this.request.framing === 'chunked', complete) ?? true;
      if (!writable) this.#client.pauseReading();
      return;
    }
    this.#body.add(body);
    if (this.#gathering) {
      if (complete || !this.#body.mayKeep()) this.#dispatch();
    } else if (this.#decision === undefined || this.#waiting || this.#redirection !== undefined) {
      if (!complete && this.#body.received > gatheredBytes) this.#client.pauseReading();
    } else if (complete) {
      this.#dispatch();
    }
  }

  // 2. decide

  onNoDecision(): void {
    this.fail('decision-failed');
  }

  onDecision(decided: Decision | Refusal): void {
    if (this.#ended) return;
    if ('refuse' in decided) {
      this.fail(decided.refuse, decided.detail);
      return;
    }
    this.#decision = decided;
    if (decided.tap !== undefined) this.#tapping = new Tapping(decided.tap);
    if (!this.#aim(decided.upstream)) return;
    try {
      this.#lines = decisionLines(decided, this.request);
    } catch {
      this.fail('decision-failed');
      return;
    }
    this.#plane.retryBudget.deposit();
    this.#websocket = decided.websocket === true && this.request.websocketKey !== undefined;
    if (!this.#requestComplete) {
      if (this.request.expectsContinue && this.#body.received === 0) {
        this.#client.socket.write('HTTP/1.1 100 Continue\r\n\r\n', 'latin1');
      }
      const small = this.request.framing === 'length' && this.request.contentLength <= gatheredBytes;
      this.#gathering = !small && decided.handover !== undefined && this.#body.mayKeep();
      if (small || this.#gathering) {
        this.#client.resumeReading();
        return;
      }
    }
    this.#dispatch();
  }

  #dispatch(): void {
    this.#gathering = false;
    if (this.#decision?.hold === true) this.#redirect()?.hold();
    else this.#connect(false);
  }

  // 3. connect

  #connect(fresh: boolean): void {
    this.#waiting = true;
    const connection = this.#pool?.acquire(this, fresh);
    if (connection !== undefined) this.onConnection(connection);
  }

  onNoConnection(code: FailureCode): void {
    this.#waiting = false;
    // All that was held comes at once when an owner opens: what finds no room then waits once more.
    if (this.#redirection !== undefined && code === 'upstream-overloaded') this.#redirection.hold();
    else this.fail(code);
  }

  #aim(upstream: string): boolean {
    this.#upstreamName = upstream;
    this.#pool = this.#plane.pools.get(upstream);
    if (this.#pool === undefined) this.fail('decision-failed');
    return this.#pool !== undefined;
  }

  sendTo(upstream: string): void {
    this.#sends = 0;
    if (this.#aim(upstream)) this.#connect(false);
  }

  giveUp(): void {
    this.fail('no-owner');
  }

  #redirect(): Redirection | undefined {
    const { handover } = this.#decision ?? {};
    if (handover === undefined) return undefined;
    return (this.#redirection ??= new Redirection({
      handover: handover(this.request),
      held: this.#plane.held,
      exchange: this,
      upstream: this.#upstreamName,
    }));
  }

  // 4. send

  onConnection(connection: UpstreamConnection): void {
    this.#waiting = false;
    this.#upstream = connection;
    this.#sends += 1;
    const { request } = this;
    connection.begin(this, { toHead: request.method === 'HEAD', expectsSwitch: this.#websocket });
    const complete = this.#requestComplete;
    const body = this.#body.whole();
    this.#tapping?.request(request, this.#lines.request, body);
    const head = requestHead(request, this.#lines.request, this.#websocket);
    const writable = connection.send(head, body, request.framing === 'chunked', complete);
    if (complete) return;
    this.#streaming = true;
    this.#body.drop();
    if (writable) this.#client.resumeReading();
    else this.#client.pauseReading();
  }

  onUpstreamDrain(): void {
    if (!this.#ended && !this.#requestComplete) this.#client.resumeReading();
  }

  onUpstreamFailure(code: FailureCode, lost: LostRequest): void {
    this.#upstream = undefined;
    // The head of a refusal was whole, and all that counts.
    if (this.#redirection?.skipped() === true) return;
    const whole = this.#requestComplete && !this.#streaming && !this.answering;
    const sending = { method: this.request.method, sends: this.#sends };
    if (whole && maySendAgain(lost, sending, this.#plane.retryBudget)) this.#connect(true);
    else this.fail(code);
  }

  // 5. answer

  onResponse(head: ResponseHead, body: Buffer | undefined, last: boolean): void {
    if (head.status === 421 && this.#isRefusal(head)) {
      this.#skipRefusal(body, last);
      return;
    }
    this.#status = head.status;
    this.#tapping?.answer(head, body);
    if (!this.#requestComplete) this.#client.resumeReading();
    let added = this.#lines.response;
    if (this.#decision?.onOutcome !== undefined) added += this.#mark(head.status);
    if (this.#plane.serverTiming)
      added += `server-timing: proxy;dur=${(performance.now() - this.#startedAt).toFixed(1)}\r\n`;
    if (this.#decision?.holdAnswer === undefined) {
      this.#answer(head, added, body, last);
      return;
    }
    const held = new HeldAnswer({
      hold: this.#decision.holdAnswer,
      outcome: { upstream: this.#upstreamName, status: head.status },
      held: this.#plane.heldAnswers,
      release: (more, part, all) => {
        this.#held = undefined;
        if (!all) this.#upstream?.resume();
        this.#answer(head, added + more, part, all);
      },
    });
    if (!held.begin(body, last)) return;
    this.#held = held;
    // With its last byte the connection was free, and may serve another request by now.
    if (last) this.#upstream = undefined;
    else this.#upstream?.pause();
  }

  #answer(head: ResponseHead, added: string, body: Buffer | undefined, last: boolean): void {
    this.#keepClient = this.#clientMayGoOn();
    const framing = answerFraming(head, this.request, last && body);
    this.#chunkedAnswer = framing.chunked;
    if (framing.byClose) this.#keepClient = false;
    const text = `HTTP/1.1 ${head.status} ${head.reason}\r\n${head.lines}${added}${framing.lines}`;
    this.#relay(text + endOfHead(this.request, this.#keepClient), body, last);
  }

  /** Whether this 421 says that the request belongs elsewhere, in which case nobody else hears of it. */
  #isRefusal(head: ResponseHead): boolean {
    if (head.own === '' || this.#redirect()?.refused(head.own) !== true) return false;
    if (!this.#requestComplete || this.#streaming) this.fail('no-owner', notKept);
    return true;
  }

  #skipRefusal(body: Buffer | undefined, last: boolean): void {
    if (this.#ended) return;
    const upstream = this.#upstream;
    if (last) this.#upstream = undefined;
    if (this.#redirection?.skip(body?.length ?? 0, last) === 'cut') upstream?.destroy();
  }

  /** The header lines that routing adds once it knows the outcome; told once. */
  #mark(status: number): string {
    if (this.#marked) return '';
    this.#marked = true;
    return outcomeLines(this.#decision, { upstream: this.#upstreamName, status });
  }

  onResponseBody(body: Buffer | undefined, last: boolean): void {
    if (this.#redirection?.skipping === true) {
      this.#skipRefusal(body, last);
      return;
    }
    this.#tapping?.answerBody(body);
    if (this.#held === undefined) {
      this.#relay('', body, last);
      return;
    }
    if (last) this.#upstream = undefined;
    this.#held.add(body, last);
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
    if (this.#held === undefined) this.#upstream?.resume();
  }

  onSwitch(upstream: Wire, head: ResponseHead, rest: Buffer | undefined): void {
    this.#upstream = undefined;
    if (!switchesToWebsocket(head, this.request.websocketKey ?? '')) {
      upstream.socket.destroy();
      this.fail('upstream-malformed');
      return;
    }
    this.#status = 101;
    this.#client.socket.write(switchHead(head.lines + this.#lines.response), 'latin1');
    this.#end(undefined);
    this.#client.becomeTunnel(upstream, rest);
  }

  // 6. end

  /** Ends the exchange with our own answer; where an answer is on its way, by cutting the client's connection (row 17). */
  fail(code: FailureCode, detail?: string): void {
    if (this.#ended) return;
    if (this.answering) {
      this.#end(code);
      this.#client.socket.destroy();
      return;
    }
    const { status, closes } = failures[code];
    const keep = !closes && this.#clientMayGoOn();
    this.#status = status;
    this.#end(code);
    const { id: requestId, method } = this.request;
    const own = { failure: code, detail, requestId, close: !keep, withoutBody: method === 'HEAD' };
    this.#client.socket.write(ownAnswer(own), 'latin1');
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
    this.#plane.running -= 1;
    if (this.#waiting) this.#pool?.leave(this);
    if (failure !== undefined || !this.#requestComplete) this.#upstream?.destroy();
    this.#upstream = undefined;
    if (failure !== undefined && failure !== 'no-owner' && this.#sends > 0) this.#mark(0);
    this.#body.drop();
    this.#held?.leave();
    this.#redirection?.end(failure === undefined ? this.#status : 0);
    this.#plane.onExchange({
      head: this.request,
      decision: this.#decision,
      ...(this.#redirection === undefined ? {} : { redirectedTo: this.#upstreamName }),
      status: this.#status,
      failure,
      durationMs: performance.now() - this.#startedAt,
      requestBytes: this.#body.received,
      responseBytes: this.#responseBytes,
    });
    // An answer before the end of its request (row 16) belongs to no request that could be asked again.
    this.#tapping?.end(this.#status, failure !== undefined || !this.#requestComplete);
  }
}
