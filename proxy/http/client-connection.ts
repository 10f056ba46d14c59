import type { Socket } from 'node:net';
import type { ClientSide } from './client-side.types.ts';
import type { Timed } from './deadlines.ts';
import { Exchange } from './exchange.ts';
import type { Peer } from './forwarding.ts';
import { Parser } from './llhttp.ts';
import { ownAnswer } from './message-writer.ts';
import type { PlaneContext } from './plane-context.ts';
import { readRequest } from './request-parser.ts';
import type { FailureCode } from './seam.ts';
import { openTunnel } from './tunnel.ts';
import type { Wire } from './wire.ts';

/** Bytes of further requests that are kept while one is being answered; then the client waits. */
const pipelinedBytes = 65_536;
/** Chunk sizes, extensions and trailers beside this many bytes of body may take this much (CVE-2024-22019). */
const maxFramingBytes = 16_384;
const maxFramingShare = 8;
/** Milliseconds in which a client whose connection we close may still be sending; it should see our answer, not a reset. */
const lingerMs = 1_000;

/** One client connection: its requests, one after the other, in the order they came. */
export class ClientConnection implements ClientSide, Timed {
  deadline: number;
  swept: number | undefined;
  readonly socket: Socket;
  readonly #wire: Wire;
  readonly #peer: Peer;
  readonly #plane: PlaneContext;
  readonly #onClosed: (connection: ClientConnection) => void;
  readonly #parser = new Parser('request');
  #exchange: Exchange | undefined;
  /** Bytes after the request that is being answered. */
  #rest: Buffer | undefined;
  #requestDeadline = Infinity;
  #reading = true;
  #inFeed = false;
  #state: 'open' | 'lingering' | 'tunnel' | 'closed' = 'open';

  constructor(options: {
    readonly wire: Wire;
    readonly peer: Peer;
    readonly plane: PlaneContext;
    readonly onClosed: (connection: ClientConnection) => void;
  }) {
    this.#wire = options.wire;
    this.socket = options.wire.socket;
    this.#peer = options.peer;
    this.#plane = options.plane;
    this.#onClosed = options.onClosed;
    this.deadline = this.#plane.deadlines.now + this.#plane.limits.headerTimeoutMs;
    this.#plane.deadlines.add(this);
    const { socket } = this;
    this.#wire.onChunk = (chunk) => this.#onData(chunk);
    socket.on('end', () => this.#onEnd());
    socket.on('drain', () => this.#onDrain());
    socket.on('error', () => this.#onGone());
    socket.on('close', () => this.#onGone());
  }

  /** No request runs and none has begun to arrive. */
  get idle(): boolean {
    return this.#exchange === undefined && this.#parser.text === '' && this.#rest === undefined;
  }

  /** Cuts the connection and what runs on it. Returns whether a request or tunnel was cut. */
  cut(): boolean {
    const busy = this.#exchange !== undefined || this.#state === 'tunnel';
    this.#onGone();
    return busy;
  }

  pauseReading(): void {
    if (!this.#reading) return;
    this.#reading = false;
    this.socket.pause();
  }

  resumeReading(): void {
    if (this.#reading || this.#state === 'closed') return;
    this.#reading = true;
    this.socket.resume();
  }

  awaitDrain(): void {
    this.deadline = this.#plane.deadlines.now + this.#plane.limits.sendTimeoutMs;
  }

  exchangeEnded(keep: boolean): void {
    this.#exchange = undefined;
    if (this.#state !== 'open') return;
    if (!keep) {
      this.#linger();
      return;
    }
    this.#parser.reset();
    this.#requestDeadline = Infinity;
    this.deadline = this.#plane.deadlines.now + this.#plane.limits.idleTimeoutMs;
    this.#continue();
  }

  becomeTunnel(upstream: Wire, rest: Buffer | undefined): void {
    const { socket } = this;
    this.#exchange = undefined;
    this.#state = 'tunnel';
    this.deadline = Infinity;
    for (const event of ['end', 'drain', 'error', 'close']) socket.removeAllListeners(event);
    if (rest !== undefined) socket.write(Buffer.from(rest));
    if (this.#rest !== undefined) upstream.socket.write(this.#rest);
    this.#rest = undefined;
    openTunnel({
      client: this.#wire,
      upstream,
      deadlines: this.#plane.deadlines,
      idleTimeoutMs: this.#plane.limits.tunnelIdleTimeoutMs,
      onClose: () => this.#onGone(),
    });
  }

  expire(): void {
    if (this.#state === 'lingering' || this.#exchange?.answering === true) {
      this.#exchange?.onClientGone('client-timeout');
      this.#onGone();
    } else if (this.#exchange !== undefined) {
      this.#exchange.fail('client-timeout');
    } else if (this.#parser.text === '') {
      this.#onGone();
    } else {
      this.#refuse('client-timeout', undefined);
    }
  }

  #onData(chunk: Buffer): void {
    if (this.#state !== 'open') return;
    if (this.#rest !== undefined || this.#parser.messageComplete) {
      this.#rest = this.#rest === undefined ? Buffer.from(chunk) : Buffer.concat([this.#rest, chunk]);
      if (this.#rest.length > pipelinedBytes) this.pauseReading();
      return;
    }
    this.#feed(chunk);
  }

  /** Takes up what came while the last request was being answered, unless the client does not even take its answers. */
  #continue(): void {
    if (this.#inFeed || this.#rest === undefined) return;
    if (this.socket.writableNeedDrain) {
      this.awaitDrain();
      return;
    }
    const rest = this.#rest;
    this.#rest = undefined;
    this.resumeReading();
    this.#feed(rest);
  }

  #feed(chunk: Buffer): void {
    this.#inFeed = true;
    let at = 0;
    while (at < chunk.length && this.#state === 'open') {
      const congested = this.#exchange === undefined && this.socket.writableNeedDrain;
      if (this.#parser.messageComplete || congested) {
        if (congested) this.awaitDrain();
        this.#rest = Buffer.from(chunk.subarray(at));
        if (this.#rest.length > pipelinedBytes) this.pauseReading();
        break;
      }
      at = this.#parse(chunk, at);
    }
    this.#inFeed = false;
  }

  /** Parses to the end of the chunk or of the message, and passes on what was found. */
  #parse(chunk: Buffer, from: number): number {
    const parser = this.#parser;
    const { limits, deadlines } = this.#plane;
    const began = parser.text === '';
    const at = parser.parse(chunk, from);
    if (parser.error !== 0) {
      this.#refuse('client-malformed', undefined);
      return at;
    }
    if (!parser.headComplete) {
      if (parser.text.length > limits.maxHeaderBytes) this.#refuse('client-header-too-large', undefined);
      else if (began) {
        this.#requestDeadline = deadlines.now + limits.requestTimeoutMs;
        this.deadline = deadlines.now + Math.min(limits.headerTimeoutMs, limits.requestTimeoutMs);
      }
      return at;
    }
    const complete = parser.messageComplete;
    if (!complete && this.#requestDeadline === Infinity) {
      this.#requestDeadline = deadlines.now + limits.requestTimeoutMs;
    }
    this.deadline = complete ? Infinity : this.#requestDeadline;
    if (parser.framingBytes > maxFramingBytes + maxFramingShare * parser.bodyBytes) {
      this.#refuse('client-body-too-large', 'The chunked body carries too much beside its content.');
      return at;
    }
    if (this.#exchange === undefined) this.#begin(parser.takeBody(chunk), complete);
    else this.#exchange.onRequestBody(parser.takeBody(chunk), complete);
    return at;
  }

  #begin(body: Buffer | undefined, complete: boolean): void {
    if (this.#parser.text.length > this.#plane.limits.maxHeaderBytes) {
      this.#refuse('client-header-too-large', undefined);
      return;
    }
    const request = readRequest(this.#parser, this.#peer, this.#plane.requestRules);
    if ('refuse' in request) {
      this.#refuse(request.refuse, request.detail);
      return;
    }
    this.#exchange = new Exchange(this.#plane, this, request);
    this.#exchange.begin(body, complete);
  }

  /** Answers a request that can't be trusted to end where it seems to, and closes. */
  #refuse(failure: FailureCode, detail: string | undefined): void {
    if (this.#exchange !== undefined) {
      this.#exchange.fail(failure, detail);
      return;
    }
    this.socket.write(
      ownAnswer({
        failure,
        detail,
        requestId: undefined,
        close: true,
        withoutBody: this.#parser.headComplete && this.#parser.method() === 'HEAD',
      }),
      'latin1',
    );
    this.#linger();
  }

  /**
   * Ends our side and throws away what still comes, for a moment: a reset would take the answer from the client
   * (RFC 9112, 9.6).
   */
  #linger(): void {
    this.#state = 'lingering';
    this.#rest = undefined;
    this.resumeReading();
    this.awaitDrain();
    this.socket.end(() => {
      if (this.#state === 'lingering') this.deadline = this.#plane.deadlines.now + lingerMs;
    });
  }

  /** A half-close counts as leaving, since it can't be told from one; our last words are still written. */
  #onEnd(): void {
    if (this.#state !== 'lingering' || this.socket.writableFinished) this.#onGone();
  }

  #onDrain(): void {
    if (this.#exchange === undefined) {
      if (this.#state === 'open') {
        this.deadline = this.#plane.deadlines.now + this.#plane.limits.idleTimeoutMs;
        this.#continue();
      }
      return;
    }
    this.deadline = this.#parser.messageComplete ? Infinity : this.#requestDeadline;
    this.#exchange.onClientDrain();
  }

  /** The client ended, reset or was cut. */
  #onGone(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#exchange?.onClientGone('client-aborted');
    this.#exchange = undefined;
    this.#plane.deadlines.remove(this);
    this.socket.destroy();
    this.#parser.dispose();
    this.#onClosed(this);
  }
}
