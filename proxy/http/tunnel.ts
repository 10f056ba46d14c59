import type { Deadlines, Timed } from './deadlines.ts';
import type { Wire } from './wire.ts';

export interface TunnelOptions {
  readonly client: Wire;
  readonly upstream: Wire;
  readonly deadlines: Deadlines;
  /** Milliseconds that both sides may be silent. */
  readonly idleTimeoutMs: number;
  readonly onClose: () => void;
}

/** Carries bytes both ways with back-pressure until one side ends; then both do. */
export function openTunnel(options: TunnelOptions): void {
  const { client, upstream, deadlines, idleTimeoutMs, onClose } = options;
  const close = (): void => {
    deadlines.remove(timed);
    client.socket.destroy();
    upstream.socket.destroy();
    onClose();
  };
  const timed: Timed = { deadline: deadlines.now + idleTimeoutMs, swept: undefined, expire: close };
  deadlines.add(timed);
  const carry = (from: Wire, to: Wire): void => {
    from.onChunk = (chunk) => {
      timed.deadline = deadlines.now + idleTimeoutMs;
      if (!to.socket.write(Buffer.from(chunk))) from.socket.pause();
    };
    to.socket.on('drain', () => from.socket.resume());
    // What one side sent before it ended still reaches the other.
    from.socket.on('end', () => to.socket.end());
    from.socket.on('error', close);
    from.socket.on('close', () => {
      if (to.socket.writableFinished || to.socket.destroyed) close();
      else to.socket.end(close);
    });
  };
  carry(client, upstream);
  carry(upstream, client);
  client.socket.resume();
  upstream.socket.resume();
}
