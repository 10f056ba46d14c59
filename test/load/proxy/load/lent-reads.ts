import { Socket } from 'node:net';

/**
 * One buffer that all sockets are read into. Node's own way, 64 KiB for each read, would cost the load side as much
 * again as all the rest of it. A chunk is lent: its bytes hold until the callback returns.
 */
const shared = Buffer.allocUnsafeSlow(262_144);

export interface LentReads {
  readonly buffer: Buffer;
  readonly callback: (bytes: number) => boolean;
}

export function lentReads(onChunk: (chunk: Buffer) => void): LentReads {
  return {
    buffer: shared,
    callback: (bytes) => {
      onChunk(shared.subarray(0, bytes));
      return true;
    },
  };
}

/** Moves an accepted socket (`pauseOnConnect`) to one with lent reads, which Node has for outgoing sockets alone. */
export function withLentReads(accepted: Socket, onChunk: (chunk: Buffer) => void): Socket {
  const owner = accepted as unknown as { _handle: unknown };
  const handle = owner._handle;
  owner._handle = null;
  return new Socket({ handle, onread: lentReads(onChunk) } as never);
}
