import type { Socket } from 'node:net';
import type { Deadlines, Timed } from './deadlines.ts';

export interface TunnelOptions {
  readonly client: Socket;
  readonly upstream: Socket;
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
    client.destroy();
    upstream.destroy();
  };
  const timed: Timed = { deadline: deadlines.now + idleTimeoutMs, expire: close };
  deadlines.add(timed);
  const carry = (from: Socket, to: Socket): void => {
    from.on('data', (chunk: Buffer) => {
      timed.deadline = deadlines.now + idleTimeoutMs;
      if (!to.write(chunk)) from.pause();
    });
    to.on('drain', () => from.resume());
    // What one side sent before it ended still reaches the other.
    from.on('end', () => to.end());
    from.on('error', close);
    from.on('close', () => {
      if (to.writableLength === 0) close();
      else to.end(close);
      onClose();
    });
  };
  carry(client, upstream);
  carry(upstream, client);
  client.resume();
  upstream.resume();
}
