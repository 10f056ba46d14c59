import type { Socket } from 'node:net';
import type { Deadlines, Timed } from './deadlines.ts';
import { Parser } from './llhttp.ts';
import { writePart } from './message-writer.ts';
import { readResponse, type ResponseHead } from './response-parser.ts';
import type { FailureCode } from './seam.ts';
import type { Address } from './upstream-health.ts';
import type { Wire } from './wire.ts';

/** Whoever sent a request on a connection and is told of the answer. */
export interface UpstreamListener {
  /** The head of the final answer with what came of the body; `last` when that is all of it. */
  onResponse(head: ResponseHead, body: Buffer | undefined, last: boolean): void;
  onResponseBody(body: Buffer | undefined, last: boolean): void;
  /** 101: the connection is a tunnel now, `rest` its first bytes. It leaves the pool. */
  onSwitch(wire: Wire, head: ResponseHead, rest: Buffer | undefined): void;
  /** The answer will not come, or not to its end. */
  onUpstreamFailure(code: FailureCode, lost: LostRequest): void;
  /** The socket takes bytes again after `send` returned false. */
  onUpstreamDrain(): void;
}

/** What is known of a request whose answer did not come; decides whether it may be sent again. */
export interface LostRequest {
  /** No byte of it reached the upstream. */
  readonly neverLeft: boolean;
  /** The connection had served others, the upstream closed it, and not one byte of an answer came. */
  readonly stale: boolean;
}

export interface ConnectionOwner {
  readonly deadlines: Deadlines;
  readonly headerTimeoutMs: number;
  readonly bodyTimeoutMs: number;
  /** The connection is free for the next request. */
  free(connection: UpstreamConnection): void;
  /** The connection is gone. */
  gone(connection: UpstreamConnection): void;
  /** How an exchange on it went, for the health of its address. */
  outcome(connection: UpstreamConnection, ok: boolean): void;
}

const maxResponseHeadBytes = 65_536;
const neverLeft: LostRequest = { neverLeft: true, stale: false };
const sent: LostRequest = { neverLeft: false, stale: false };
const stale: LostRequest = { neverLeft: false, stale: true };

/** One connection to an upstream, from the moment that it stands. One request at a time, no pipelining. */
export class UpstreamConnection implements Timed {
  deadline = Infinity;
  swept: number | undefined;
  /** When it became idle, on the plane's clock, and how long it may be. */
  idleUntil = Infinity;
  readonly socket: Socket;
  readonly address: Address;
  readonly #wire: Wire;
  readonly #owner: ConnectionOwner;
  readonly #parser = new Parser('response');
  #listener: UpstreamListener | undefined;
  #toHead = false;
  #served = 0;
  #requestDone = false;
  #writes = 0;
  /** The first write of the request failed before it returned: the kernel took nothing of it. */
  #refused = false;
  #answered = false;
  #headSeen = false;
  #closed = false;
  #paused = false;
  #expectsSwitch = false;

  constructor(wire: Wire, address: Address, owner: ConnectionOwner) {
    const { socket } = wire;
    this.#wire = wire;
    this.socket = socket;
    this.address = address;
    this.#owner = owner;
    owner.deadlines.add(this);
    wire.onChunk = (chunk) => this.#onData(chunk);
    socket.on('end', () => this.#onEnd());
    socket.on('drain', () => this.#listener?.onUpstreamDrain());
    socket.on('error', () => this.#onClose());
    socket.on('close', () => this.#onClose());
  }

  /** Whether a request may be sent on it now. */
  get usable(): boolean {
    return (
      !this.#closed && this.#listener === undefined && this.socket.writable && !this.socket.readableEnded
    );
  }

  /** Takes the connection for one exchange. */
  begin(
    listener: UpstreamListener,
    options: { readonly toHead: boolean; readonly expectsSwitch: boolean },
  ): void {
    this.#listener = listener;
    this.#toHead = options.toHead;
    this.#expectsSwitch = options.expectsSwitch;
    this.#parser.skipBody = options.toHead;
    this.#requestDone = false;
    this.#answered = false;
    this.#headSeen = false;
    this.#writes = 0;
    this.#refused = false;
    this.idleUntil = Infinity;
    this.address.busy += 1;
  }

  /** Sends a part of the request. The time for the answer runs from its last part. */
  send(head: string, body: Buffer | undefined, chunked: boolean, last: boolean): boolean {
    this.#writes += 1;
    if (last) {
      this.#requestDone = true;
      if (!this.#headSeen) this.deadline = this.#owner.deadlines.now + this.#owner.headerTimeoutMs;
    }
    const writable = writePart(this.socket, head, body, chunked, last);
    if (this.#writes === 1) this.#refused = this.socket.errored !== null || this.socket.destroyed;
    return writable;
  }

  /** Stops reading the answer, whose time then stands still. */
  pause(): void {
    this.#paused = true;
    this.deadline = Infinity;
    this.socket.pause();
  }

  resume(): void {
    this.#paused = false;
    this.deadline = this.#owner.deadlines.now + this.#owner.bodyTimeoutMs;
    this.socket.resume();
  }

  /** Ends the connection without telling the listener: its exchange is over, or nobody waits for the answer. */
  destroy(): void {
    this.#detach();
    this.#close();
  }

  expire(): void {
    if (this.#listener === undefined) this.#close();
    else this.#fail(this.#headSeen ? 'upstream-body-timeout' : 'upstream-header-timeout', sent);
  }

  #onData(chunk: Buffer): void {
    if (this.#listener === undefined) {
      // Nobody asked (RFC 9112, 9.3): bytes here would be taken for the answer to the next request.
      this.#close();
      return;
    }
    this.#answered = true;
    const parser = this.#parser;
    let at = 0;
    while (at < chunk.length) {
      // A listener that was told of a part may have ended the exchange, and with it the parser.
      const listener = this.#listener as UpstreamListener | undefined;
      if (listener === undefined) return;
      at = parser.parse(chunk, at);
      if (parser.error !== 0 || (!parser.headComplete && parser.text.length > maxResponseHeadBytes)) {
        this.#fail('upstream-malformed', sent);
        return;
      }
      if (!parser.headComplete) continue;
      if (!this.#headSeen && parser.status < 200) {
        if (!this.#interim(parser, chunk, at)) return;
        continue;
      }
      const last = parser.messageComplete;
      if (last && at < chunk.length && !this.#headSeen) {
        this.#fail('upstream-malformed', sent);
        return;
      }
      this.#deliver(listener, parser.takeBody(chunk), { last, excess: at < chunk.length });
      if (last) return;
    }
  }

  /** 1xx: never forwarded; `false` when it ends the connection's life as HTTP. */
  #interim(parser: Parser, chunk: Buffer, at: number): boolean {
    if (parser.status === 101) {
      const head = readResponse(parser, true);
      const listener = this.#listener;
      if (!this.#expectsSwitch || !this.#requestDone || head === undefined || listener === undefined) {
        this.#fail('upstream-malformed', sent);
        return false;
      }
      this.#detach();
      this.#leave();
      listener.onSwitch(this.#wire, head, at < chunk.length ? chunk.subarray(at) : undefined);
      return false;
    }
    if (readResponse(parser, true) === undefined || !parser.messageComplete) {
      this.#fail('upstream-malformed', sent);
      return false;
    }
    parser.reset();
    parser.skipBody = this.#toHead;
    return true;
  }

  #deliver(
    listener: UpstreamListener,
    body: Buffer | undefined,
    end: { readonly last: boolean; readonly excess: boolean },
  ): void {
    const { last, excess } = end;
    let head: ResponseHead | undefined;
    if (!this.#headSeen) {
      const { status } = this.#parser;
      head = readResponse(this.#parser, this.#toHead || status === 204 || status === 304);
      if (head === undefined) {
        this.#fail('upstream-malformed', sent);
        return;
      }
      this.#headSeen = true;
    }
    if (last) this.#complete(head, excess);
    else this.deadline = this.#owner.deadlines.now + this.#owner.bodyTimeoutMs;
    if (head === undefined) listener.onResponseBody(body, last);
    else listener.onResponse(head, body, last);
  }

  /** The answer is complete: the connection is free before the listener hears of it, so that it can be used again. */
  #complete(head: ResponseHead | undefined, excess: boolean): void {
    const reusable = this.#requestDone && this.#parser.keepAlive && !excess && !this.#closed;
    this.#owner.outcome(this, true);
    this.#detach();
    if (!reusable) {
      this.#close();
      return;
    }
    this.#served += 1;
    if (head !== undefined && head.keepAliveSeconds > 0) {
      this.idleUntil = this.#owner.deadlines.now + Math.max(0, head.keepAliveSeconds * 1000 - 1000);
    }
    // The rest of a chunk comes in spite of it, and may be the end; the next answer would not be read.
    if (this.#paused) this.resume();
    this.#parser.reset();
    this.#owner.free(this);
  }

  #onEnd(): void {
    const listener = this.#listener;
    if (listener === undefined) {
      this.#close();
    } else if (this.#headSeen && this.#parser.finish()) {
      this.#requestDone = false;
      this.#deliver(listener, undefined, { last: true, excess: false });
    } else {
      this.#fail('upstream-closed', this.#lost());
    }
  }

  #onClose(): void {
    if (this.#listener === undefined) this.#close();
    else this.#fail('upstream-closed', this.#lost());
  }

  /**
   * A write that fails at once means that the kernel took nothing of it. One that fails later may have been taken in
   * part, and any other loss may have been processed. Row 30 of the acceptance list; RFC 9112, 9.3.1.
   */
  #lost(): LostRequest {
    if (this.#answered) return sent;
    if (this.#writes === 0 || (this.#writes === 1 && this.#refused)) return neverLeft;
    return this.#served > 0 ? stale : sent;
  }

  #fail(code: FailureCode, lost: LostRequest): void {
    const listener = this.#listener;
    if (!lost.neverLeft && !lost.stale) this.#owner.outcome(this, false);
    this.#detach();
    this.#close();
    listener?.onUpstreamFailure(code, lost);
  }

  #detach(): void {
    if (this.#listener === undefined) return;
    this.#listener = undefined;
    this.address.busy -= 1;
    this.deadline = Infinity;
  }

  /** Stops being an HTTP connection; the socket lives on. */
  #leave(): void {
    this.#closed = true;
    for (const event of ['end', 'drain', 'error', 'close']) this.socket.removeAllListeners(event);
    this.#owner.deadlines.remove(this);
    this.#parser.dispose();
    this.#owner.gone(this);
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#owner.deadlines.remove(this);
    this.socket.destroy();
    this.#parser.dispose();
    this.#owner.gone(this);
  }
}
