import type { HeldRequests } from './held-requests.ts';

/** Bodies up to here are gathered before the upstream is asked for anything; larger ones stream. */
export const gatheredBytes = 65_536;

/** The body of one request, as far as it waits to be sent or is kept to be sent again. Chunks are lent, so it copies. */
export class RequestBody {
  /** Bytes that came so far, kept or not. */
  received = 0;
  readonly #held: HeldRequests;
  #first: Buffer | undefined;
  readonly #more: Buffer[] = [];
  /** Bytes that are charged to what all exchanges keep. */
  #charged = 0;

  constructor(held: HeldRequests) {
    this.#held = held;
  }

  count(chunk: Buffer | undefined): void {
    if (chunk !== undefined) this.received += chunk.length;
  }

  add(chunk: Buffer | undefined): void {
    if (chunk === undefined) return;
    if (this.#first === undefined) this.#first = Buffer.from(chunk);
    else this.#more.push(Buffer.from(chunk));
  }

  /** Whether all of it so far may be kept until it is whole. What every exchange gathers is not charged. */
  mayKeep(): boolean {
    if (this.received <= gatheredBytes) return true;
    if (!this.#held.keep(this.received - this.#charged)) return false;
    this.#charged = this.received;
    return true;
  }

  /** What is kept, in one piece. */
  whole(): Buffer | undefined {
    if (this.#more.length > 0) {
      if (this.#first !== undefined) this.#more.unshift(this.#first);
      this.#first = Buffer.concat(this.#more);
      this.#more.length = 0;
    }
    return this.#first;
  }

  drop(): void {
    this.#first = undefined;
    this.#more.length = 0;
    if (this.#charged > 0) this.#held.release(this.#charged);
    this.#charged = 0;
  }
}
