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
/** A socket whose read is smaller than this has no large body under way, and goes back to the shared buffer. */
const smallBytes = 16_384;
const shared = Buffer.allocUnsafeSlow(readBytes);
/** Windows reads into a buffer while others are read too, so sharing one is for the rest alone. */
const sharing = process.platform !== 'win32';
/** Own buffers of sockets that needed one, to be used again. */
const spare: Buffer<ArrayBuffer>[] = [];
const maxSpare = 32;

/** The own buffer whose chunk is being handled, and whether a write still needs it. */
let lent: Buffer | undefined;
let kept = false;

/** A socket takes nearly every write at once, so that one place serves all copies; else it stays with its write. */
const copyBytes = 32_768;
let copy = Buffer.allocUnsafeSlow(copyBytes);

const ignore = (): void => {};

/**
 * Writes bytes that may be lent. A socket with a large body under way reads into a buffer of its own, which is written
 * from directly: nearly always the kernel takes all at once, and the next read may use it again; if not, the buffer
 * stays with the write and the socket gets another. Bytes in the shared buffer are copied.
 * @param before, after latin1 text around them, in the same write
 */
export function writeLent(socket: Socket, before: string, bytes: Buffer, after: string): boolean {
  if (bytes.buffer === shared.buffer) return writeCopy(socket, before, bytes, after);
  socket.cork();
  if (before !== '') socket.write(before, 'latin1');
  let writable = socket.write(bytes);
  if (after !== '') writable = socket.write(after, 'latin1');
  socket.uncork();
  // More than the high-water mark counts as full until the next tick, though the kernel has it all.
  if (socket.writableLength === 0) return true;
  if (lent !== undefined && bytes.buffer === lent.buffer) kept = true;
  return writable;
}

/**
 * Into one buffer that is used again: an allocation for each part costs a quarter of a GET of 16 KiB. A TLS socket never
 * is done with a write at once, so it gets what it needs and no more.
 */
function writeCopy(socket: Socket, before: string, bytes: Buffer, after: string): boolean {
  const length = before.length + bytes.length + after.length;
  const again = length <= copyBytes && !('encrypted' in socket);
  const whole = again ? copy.subarray(0, length) : Buffer.allocUnsafeSlow(length);
  whole.write(before, 0, 'latin1');
  whole.set(bytes, before.length);
  whole.write(after, before.length + bytes.length, 'latin1');
  const writable = socket.write(whole);
  if (socket.writableLength === 0) return true;
  if (again) copy = Buffer.allocUnsafeSlow(copyBytes);
  return writable;
}

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

function lend(wire: () => Wire): {
  buffer: () => Buffer<ArrayBuffer>;
  callback: (bytes: number, buffer: Uint8Array) => boolean;
} {
  let buffer = shared;
  let next: Buffer<ArrayBuffer> | undefined = shared;
  return {
    buffer: () => {
      if (next !== undefined) buffer = next;
      // Node keeps the buffer it has unless it is given another.
      const given = next as Buffer<ArrayBuffer>;
      next = undefined;
      return given;
    },
    callback: (bytes) => {
      if (buffer === shared) {
        if (bytes === readBytes) next = spare.pop() ?? Buffer.allocUnsafeSlow(readBytes);
        wire().onChunk(shared.subarray(0, bytes));
        return true;
      }
      lent = buffer;
      kept = false;
      wire().onChunk(buffer.subarray(0, bytes));
      if (bytes < smallBytes) next = shared;
      else if (kept) next = Buffer.allocUnsafeSlow(readBytes);
      if (!kept && next === shared && spare.length < maxSpare) spare.push(buffer);
      lent = undefined;
      return true;
    },
  };
}

function eventWire(socket: Socket): Wire {
  const wire: Wire = { socket, onChunk: ignore };
  socket.on('data', (chunk: Buffer) => wire.onChunk(chunk));
  return wire;
}
