import { connect, isIP, Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { UpstreamOptions } from './seam.ts';
import type { Address } from './upstream-health.ts';

/**
 * A socket and the function that takes what it receives. All plain sockets are read into one buffer (`onread` of
 * node:net): an allocation of 64 KiB for each read costs a fifth of the whole request. So a chunk is lent, not given.
 */
export interface Wire {
  readonly socket: Socket;
  /** Gets each chunk that arrives. Its bytes are valid until it returns: copy what must last. */
  onChunk: (chunk: Buffer) => void;
}

const readBytes = 65_536;
const shared = Buffer.allocUnsafeSlow(readBytes);
/** Windows reads into a buffer while others are read too, so sharing one is for the rest alone. */
const sharing = process.platform !== 'win32';

const ignore = (): void => {};

/** Begins to connect; `connect` or `secureConnect` tells when it stands. */
export function connectWire(address: Address, tls: UpstreamOptions['tls']): Wire {
  const { host, port } = address;
  if (address.secure) {
    const servername = isIP(host) === 0 ? host : '';
    return eventWire(connectTls({ servername, ...tls, host, port, ALPNProtocols: ['http/1.1'] }));
  }
  if (!sharing) return eventWire(connect({ host, port }));
  const onread = lend(() => wire);
  const wire: Wire = { socket: connect({ host, port, onread }), onChunk: ignore };
  return wire;
}

/**
 * Takes over a socket that a listener accepted with `pauseOnConnect`. Node has no `onread` for accepted sockets, so
 * its handle moves to a socket that has; where there is no such handle (TLS), the socket is read by events.
 */
export function acceptWire(accepted: Socket): Wire {
  const owner = accepted as unknown as { _handle: { reading?: boolean } | null };
  const handle = owner._handle;
  if (!sharing || handle === null || 'encrypted' in accepted) {
    const wire = eventWire(accepted);
    accepted.resume();
    return wire;
  }
  owner._handle = null;
  const onread = lend(() => wire);
  const wire: Wire = { socket: new Socket({ handle, onread } as never), onChunk: ignore };
  return wire;
}

function lend(wire: () => Wire): { buffer: Buffer; callback: (bytes: number) => boolean } {
  return {
    buffer: shared,
    callback: (bytes) => {
      wire().onChunk(shared.subarray(0, bytes));
      return true;
    },
  };
}

function eventWire(socket: Socket): Wire {
  const wire: Wire = { socket, onChunk: ignore };
  socket.on('data', (chunk: Buffer) => wire.onChunk(chunk));
  return wire;
}
