import type { Deadlines, Timed } from './deadlines.ts';
import { GatheredBytes } from './gathered-bytes.ts';
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
  /** As given when it was sent. */
  readonly purpose: string;
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

export interface LegEnding {
  readonly expected: Buffer | undefined;
  readonly listener: LegListener;
  /** Comes back with the ended leg, where a listener waits for several. */
  readonly purpose: string;
}

export interface LegPool {
  /**
   * Sends a request once: it is never sent again, whatever becomes of it.
   * @param options.expected a body that the answer may equal, in which case none of it is copied
   * @param options.listener told once, perhaps before this returns; never after `destroy`
   */
  send(request: LegRequest, options: LegEnding): void;
  /** Whether a request would end at once with `breaker-open`; to be asked before anything is made ready for one. */
  refuses(): boolean;
  /**
   * Whether a request is better sent now than a little later: on a connection that is free, or on one of the few that are
   * opened at once. Dozens at once would take the process from its clients for as many milliseconds.
   */
  isReady(): boolean;
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
  const shared: Shared = { pool, timeoutMs, maxAnswerBytes: options.maxAnswerBytes, deadlines };
  return {
    send(request, to) {
      new Leg(shared, request, to).begin();
    },
    refuses: () => pool.refuses,
    isReady: () => pool.idle > 0 || pool.opening < openedAtOnce,
    state: () => pool.state(),
    destroy: () => pool.destroy(),
  };
}

const openedAtOnce = 2;

/** What all legs of a pool share. */
interface Shared extends Pick<LegPoolOptions, 'timeoutMs' | 'maxAnswerBytes' | 'deadlines'> {
  readonly pool: UpstreamPool;
}

const nothing = Buffer.alloc(0);

class Leg implements Waiter, UpstreamListener, Timed, EndedLeg {
  waitUntil = Infinity;
  deadline = Infinity;
  swept: number | undefined;
  failure: LegFailure | undefined;
  status = 0;
  lines = '';
  body: Buffer = nothing;
  asExpected = false;
  durationMs = 0;
  readonly purpose: string;
  readonly #shared: Shared;
  readonly #request: LegRequest;
  readonly #expected: Buffer | undefined;
  readonly #listener: LegListener;
  #connection: UpstreamConnection | undefined;
  #sentAt = 0;
  #received = 0;
  /** Whether all that came is how `expected` begins. */
  #same: boolean;
  #gathered: GatheredBytes | undefined;
  #announced = -1;
  #begun = false;
  #ended = false;

  constructor(shared: Shared, request: LegRequest, ending: LegEnding) {
    this.#shared = shared;
    this.#request = request;
    this.#expected = ending.expected;
    this.#listener = ending.listener;
    this.purpose = ending.purpose;
    this.#same = ending.expected !== undefined;
  }

  begin(): void {
    const { pool, deadlines, timeoutMs } = this.#shared;
    const wasOut = pool.out;
    deadlines.add(this);
    this.deadline = deadlines.now + timeoutMs;
    const connection = pool.acquire(this, false);
    if (connection !== undefined) this.onConnection(connection);
    else if (wasOut && this.failure === 'upstream-unreachable') this.failure = 'breaker-open';
    this.#begun = true;
    if (this.#ended) this.#listener.onLegEnd(this);
  }

  onConnection(connection: UpstreamConnection): void {
    const { method, target, lines, body } = this.#request;
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
    if (head.framing === 'length') this.#announced = head.contentLength;
    if (this.#announced > this.#shared.maxAnswerBytes) this.#cut(last);
    else this.onResponseBody(body, last);
  }

  onResponseBody(body: Buffer | undefined, last: boolean): void {
    if (body !== undefined) {
      if (this.#received + body.length > this.#shared.maxAnswerBytes) {
        this.#cut(last);
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
    const expected = this.#expected;
    const from = this.#received;
    this.#received += body.length;
    if (this.#same && expected !== undefined) {
      const fits = this.#received <= expected.length;
      if (fits && expected.compare(body, 0, body.length, from, this.#received) === 0) return;
      this.#same = false;
      this.#gathered = new GatheredBytes(this.#announced);
      this.#gathered.add(expected.subarray(0, from));
    }
    (this.#gathered ??= new GatheredBytes(this.#announced)).add(body);
  }

  #finishBody(): void {
    const expected = this.#expected;
    if (this.#same && expected !== undefined) {
      this.asExpected = this.#received === expected.length;
      this.body = this.asExpected ? expected : Buffer.from(expected.subarray(0, this.#received));
    } else if (this.#gathered !== undefined) {
      this.body = this.#gathered.whole();
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
      this.#shared.pool.leave(this);
      this.#end('upstream-overloaded');
      return;
    }
    this.#shared.pool.outcome(connection, false);
    connection.destroy();
    this.#end(this.status === 0 ? 'upstream-header-timeout' : 'upstream-body-timeout');
  }

  #cut(last: boolean): void {
    // With its last byte the connection was free, and may serve another leg by now.
    if (!last) this.#connection?.destroy();
    this.#end('answer-over-size');
  }

  #end(failure: LegFailure | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#connection = undefined;
    this.failure = failure;
    this.#shared.deadlines.remove(this);
    if (this.#begun) this.#listener.onLegEnd(this);
  }
}
