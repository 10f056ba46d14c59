import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { parseMessage, type Message } from './strict-parser.ts';

/** A client that sends what it is told, byte for byte, and reads the answers with the strict parser. */
export interface RawClient {
  readonly socket: Socket;
  /** Strings are latin1. */
  send(bytes: string | Buffer): void;
  /**
   * The next response; rejects when it is not valid, is cut off or does not come within 5 s.
   * @param toMethod method of the request it answers
   */
  response(toMethod?: string): Promise<Message>;
  /** All that has come and was not taken by `response`, as latin1. */
  unread(): string;
  /** Resolves when the proxy has ended or reset the connection. */
  readonly closed: Promise<'ended' | 'reset'>;
  destroy(): void;
}

const patienceMs = 5_000;

/** @param place the proxy's port, on loopback; `localAddress` is another address to come from */
export async function connectRaw(place: {
  readonly port: number;
  readonly localAddress?: string;
}): Promise<RawClient> {
  const socket = connect({ host: '127.0.0.1', noDelay: true, allowHalfOpen: true, ...place });
  await once(socket, 'connect');
  return rawClient(socket);
}

export function rawClient(socket: Socket): RawClient {
  let unread = '';
  let ended = false;
  let wake = (): void => {};
  const closed = new Promise<'ended' | 'reset'>((resolve) => {
    const finish = (how: 'ended' | 'reset') => (): void => {
      ended = true;
      resolve(how);
      wake();
    };
    socket.on('end', finish('ended'));
    socket.on('error', finish('reset'));
    socket.on('close', finish('reset'));
  });
  socket.on('data', (chunk: Buffer) => {
    unread += chunk.toString('latin1');
    wake();
  });
  return {
    socket,
    closed,
    send: (bytes) => {
      if (socket.writable) socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
    },
    async response(toMethod = 'GET') {
      for (const until = Date.now() + patienceMs; ;) {
        const parsed = parseMessage(unread, { kind: 'response', toMethod, ended });
        if (parsed.kind === 'message') {
          unread = parsed.rest;
          return parsed.message;
        }
        if (parsed.kind === 'error')
          throw new Error(`${parsed.why}: ${JSON.stringify(unread.slice(0, 500))}`);
        if (ended) throw new Error('the connection closed before a response');
        const left = until - Date.now();
        if (left <= 0) throw new Error(`no response in time: ${JSON.stringify(unread.slice(0, 500))}`);
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, left);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
    },
    unread: () => unread,
    destroy: () => socket.destroy(),
  };
}
