import type { Handover } from './handover.types.ts';
import type { HeldRequests } from './held-requests.ts';

/** The exchange, as far as its redirection sees it. */
export interface Redirected {
  /** Sends the request, whole, to this upstream. */
  sendTo(upstream: string): void;
  /** Nobody may take it, and it may not wait any longer. */
  giveUp(): void;
}

export interface RedirectionOptions {
  readonly handover: Handover;
  readonly held: HeldRequests;
  readonly exchange: Redirected;
  /** Upstream that was asked, or would have been. */
  readonly upstream: string;
}

const shortestWaitMs = 5;
const longestWaitMs = 100;
/** Upstreams that are asked one right after the other: two that each name the other would go on for ever. */
const maxInARow = 2;
/** Of a refusal's body, which nobody reads; then its connection is given up. */
const maxSkippedBytes = 65_536;
/** A backstop: with the waits between them, time runs out before. */
const maxDetours = 1_000;

/**
 * Takes one request to the upstream that may take it: at once where that is known, else again and again, with waits of
 * 5 to 100 ms between, until one does. Bounded in time, in number, and over the process.
 */
export class Redirection {
  readonly #options: RedirectionOptions;
  #upstream: string;
  #detours = 0;
  /** Some upstream was asked. */
  #asked = false;
  #inARow = 0;
  #waits = 0;
  #heldSince = 0;
  #entered = false;
  #waited = false;
  #timer: NodeJS.Timeout | undefined;
  #stopListening: (() => void) | undefined;
  #ended = false;
  /** A refusal is being read to its end. */
  skipping = false;
  #skippedBytes = 0;

  constructor(options: RedirectionOptions) {
    this.#options = options;
    this.#upstream = options.upstream;
  }

  /** @returns whether this 421 is a refusal; the rest of it is to be skipped then */
  refused(lines: string): boolean {
    this.#asked = true;
    return this.#options.handover.refused(this.#upstream, lines);
  }

  /**
   * Some of a refusal's body came; after the last of it the request goes on.
   * @returns `cut` where there is too much of it: the connection is to be given up, and the request has gone on
   */
  skip(bytes: number, last: boolean): 'cut' | undefined {
    this.#skippedBytes += bytes;
    this.skipping = !last && this.#skippedBytes <= maxSkippedBytes;
    if (this.skipping) return undefined;
    this.#skippedBytes = 0;
    this.proceed();
    return last ? undefined : 'cut';
  }

  /** The connection broke. @returns whether a refusal was being skipped, so that the request goes on */
  skipped(): boolean {
    const { skipping } = this;
    if (skipping) this.skip(0, true);
    return skipping;
  }

  /** Sends the request on, or holds it. */
  proceed(): void {
    const held = { heldMs: this.#heldMs(), waited: this.#waited };
    const upstream = this.#inARow < maxInARow ? this.#options.handover.next(held) : undefined;
    this.#waited = false;
    if (upstream === undefined) {
      this.hold();
      return;
    }
    this.#asked = true;
    this.#detours += 1;
    this.#inARow += 1;
    this.#upstream = upstream;
    this.#options.exchange.sendTo(upstream);
  }

  /** Waits for a while, or for news, and proceeds. */
  hold(): void {
    const { held, handover, exchange } = this.#options;
    this.#entered ||= held.enter();
    if (!this.#entered && !this.#asked) {
      // There is no room to wait on the word of others, which may be old: the upstream itself is asked.
      this.#asked = true;
      exchange.sendTo(this.#upstream);
      return;
    }
    if (this.#heldSince === 0) this.#heldSince = performance.now();
    const left = held.limits.holdWithinMs - this.#heldMs();
    if (!this.#entered || left <= 0 || this.#detours >= maxDetours) {
      exchange.giveUp();
      return;
    }
    const longest = Math.min(longestWaitMs, shortestWaitMs * 2 ** Math.min(this.#waits, 10));
    this.#waits += 1;
    // Many are held by one fence: without the jitter they would all come at once.
    const wait = longest * (0.5 + Math.random() / 2);
    this.#timer = setTimeout(() => this.#wake(), Math.min(wait, left));
    this.#stopListening = handover.onNews(() => this.#wake());
  }

  /** The exchange is over. @param status of the final answer; 0 where there was none */
  end(status: number): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#stopWaiting();
    if (this.#entered) this.#options.held.leave();
    this.#options.handover.ended({
      upstream: this.#upstream,
      status,
      heldMs: this.#heldMs(),
      detours: this.#detours,
    });
  }

  #wake(): void {
    this.#stopWaiting();
    this.#inARow = 0;
    this.#waited = true;
    this.proceed();
  }

  #stopWaiting(): void {
    clearTimeout(this.#timer);
    this.#stopListening?.();
    this.#stopListening = undefined;
  }

  #heldMs(): number {
    return this.#heldSince === 0 ? 0 : performance.now() - this.#heldSince;
  }
}
