import type { Socket } from 'node:net';
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
