import type { Deadlines, Timed } from './deadlines.ts';
import type { ResponseHead } from './response-parser.ts';
import type { FailureCode, UpstreamOptions, UpstreamState } from './seam.ts';
import type { UpstreamConnection, UpstreamListener } from './upstream-connection.ts';
import { UpstreamPool, type Waiter } from './upstream-pool.ts';

/** A request of our own, to an upstream, whose answer no client waits for. */
export interface LegRequest {
  readonly method: string;
  readonly target: string;
  /** Header lines, each with its CR LF; framing is added. */
  readonly lines: string;
  /** `undefined`: none, and none is announced. */
  readonly body: Buffer | undefined;
}

/** Why a leg has no answer: a failure of the data plane, an answer over the cap, or an upstream that is left out for a while. */
export type LegFailure = FailureCode | 'answer-over-size' | 'breaker-open';

/** One leg, told of when it has ended. */
export interface EndedLeg {
  readonly failure: LegFailure | undefined;
  /** 0 where there is no answer. */
  readonly status: number;
  /** Header lines of the answer, each with its CR LF; hop-by-hop and framing headers are not among them. */
  readonly lines: string;
  readonly body: Buffer;
  /** Whether the body is byte for byte the one that was expected; it is that very buffer then. */
  readonly asExpected: boolean;
  /** Milliseconds from the sent request to the last byte. */
  readonly durationMs: number;
}

export interface LegListener {
  onLegEnd(leg: EndedLeg): void;
}

export interface LegPool {
  /**
   * Sends a request once: it is never sent again, whatever becomes of it.
   * @param options.expected a body that the answer may equal, in which case none of it is copied
   * @param options.listener told once, perhaps before this returns; never after `destroy`
   */
  send(
    request: LegRequest,
    options: { readonly expected: Buffer | undefined; readonly listener: LegListener },
  ): void;
  state(): UpstreamState;
  /** Closes every connection at once; nobody is told. */
  destroy(): void;
}

export interface LegPoolOptions {
  readonly name: string;
  readonly upstream: UpstreamOptions;
  /** Milliseconds for a whole leg, from its begin to the last byte. */
  readonly timeoutMs: number;
  /** Bytes of an answer's body; the connection is cut beyond. */
  readonly maxAnswerBytes: number;
  readonly deadlines: Deadlines;
}

/** Connections for legs alone: not one of them is shared with what clients wait for, nor is their breaker. */
export function createLegPool(options: LegPoolOptions): LegPool {
  const { name, upstream, timeoutMs, deadlines } = options;
  const pool = new UpstreamPool(
    name,
    {
      ...upstream,
      connectTimeoutMs: Math.min(upstream.connectTimeoutMs, timeoutMs),
      headerTimeoutMs: timeoutMs,
      bodyTimeoutMs: timeoutMs,
      waitTimeoutMs: timeoutMs,
    },
    deadlines,
  );
  return {
    send(request, { expected, listener }) {
      new Leg({ ...options, pool, request, expected, listener }).begin();
    },
    state: () => pool.state(),
    destroy: () => pool.destroy(),
  };
}

interface LegOptions extends LegPoolOptions {
  readonly pool: UpstreamPool;
  readonly request: LegRequest;
  readonly expected: Buffer | undefined;
  readonly listener: LegListener;
}

const nothing = Buffer.alloc(0);

class Leg implements Waiter, UpstreamListener, Timed, EndedLeg {
  waitUntil = Infinity;
  deadline: number;
  failure: LegFailure | undefined;
  status = 0;
  lines = '';
  body: Buffer = nothing;
  asExpected = false;
  durationMs = 0;
  readonly #options: LegOptions;
  #connection: UpstreamConnection | undefined;
  #sentAt = 0;
  #received = 0;
  /** Whether all that came is how `expected` begins. */
  #same: boolean;
  #parts: Buffer[] | undefined;
  #ended = false;

  constructor(options: LegOptions) {
    this.#options = options;
    this.#same = options.expected !== undefined;
    this.deadline = options.deadlines.now + options.timeoutMs;
  }

  begin(): void {
    const { pool, deadlines, timeoutMs } = this.#options;
    const wasOut = pool.out;
    deadlines.add(this);
    this.deadline = deadlines.now + timeoutMs;
    const connection = pool.acquire(this, false);
    if (connection !== undefined) this.onConnection(connection);
    else if (wasOut && this.failure === 'upstream-unreachable') this.failure = 'breaker-open';
    this.#tellEarly();
  }

  /** `acquire` may have said no before it returned: why is only known now. */
  #tellEarly(): void {
    if (this.#ended) this.#options.listener.onLegEnd(this);
    else this.#begun = true;
  }

  #begun = false;

  onConnection(connection: UpstreamConnection): void {
    const { method, target, lines, body } = this.#options.request;
    this.#connection = connection;
    this.#sentAt = performance.now();
    connection.begin(this, { toHead: method === 'HEAD', expectsSwitch: false });
    const framing = body === undefined ? '' : `content-length: ${body.length}\r\n`;
    connection.send(`${method} ${target} HTTP/1.1\r\n${lines}${framing}\r\n`, body, false, true);
  }

  onNoConnection(code: FailureCode): void {
    this.#end(code);
  }

  onResponse(head: ResponseHead, body: Buffer | undefined, last: boolean): void {
    this.status = head.status;
    this.lines = head.lines;
    if (head.framing === 'length' && head.contentLength > this.#options.maxAnswerBytes) this.#cut();
    else this.onResponseBody(body, last);
  }

  onResponseBody(body: Buffer | undefined, last: boolean): void {
    if (body !== undefined) {
      if (this.#received + body.length > this.#options.maxAnswerBytes) {
        this.#cut();
        return;
      }
      this.#keep(body);
    }
    if (!last) return;
    this.#connection = undefined;
    this.durationMs = performance.now() - this.#sentAt;
    this.#finishBody();
    this.#end(undefined);
  }

  /** The chunk is lent. While it says what was expected there is nothing to keep. */
  #keep(body: Buffer): void {
    const { expected } = this.#options;
    const from = this.#received;
    this.#received += body.length;
    if (this.#same && expected !== undefined) {
      const fits = this.#received <= expected.length;
      if (fits && expected.compare(body, 0, body.length, from, this.#received) === 0) return;
      this.#same = false;
      this.#parts = [expected.subarray(0, from)];
    }
    (this.#parts ??= []).push(Buffer.from(body));
  }

  #finishBody(): void {
    const { expected } = this.#options;
    if (this.#same && expected !== undefined) {
      this.asExpected = this.#received === expected.length;
      this.body = this.asExpected ? expected : Buffer.from(expected.subarray(0, this.#received));
    } else if (this.#parts !== undefined) {
      this.body = Buffer.concat(this.#parts, this.#received);
    }
  }

  onSwitch(): void {
    this.#end('upstream-malformed');
  }

  onUpstreamFailure(code: FailureCode): void {
    this.#connection = undefined;
    this.#end(code);
  }

  onUpstreamDrain(): void {}

  /** The time for the whole leg is over: a drip of a byte a second keeps every other time-out from striking. */
  expire(): void {
    const connection = this.#connection;
    if (connection === undefined) {
      this.#options.pool.leave(this);
      this.#end('upstream-overloaded');
      return;
    }
    this.#options.pool.outcome(connection, false);
    connection.destroy();
    this.#end(this.status === 0 ? 'upstream-header-timeout' : 'upstream-body-timeout');
  }

  #cut(): void {
    this.#connection?.destroy();
    this.#end('answer-over-size');
  }

  #end(failure: LegFailure | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#connection = undefined;
    this.failure = failure;
    this.#options.deadlines.remove(this);
    if (this.#begun) this.#options.listener.onLegEnd(this);
  }
}
