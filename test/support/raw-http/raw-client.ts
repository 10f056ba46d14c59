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

const patienceMs = 20_000;

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
  const received = receivedText();
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
    received.add(chunk);
    wake();
  });
  return {
    socket,
    closed,
    send: (bytes) => {
      if (socket.writable) socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
    },
    async response(toMethod = 'GET') {
      let atLeast = 0;
      for (const until = Date.now() + patienceMs; ;) {
        const parsed =
          received.length() < atLeast && !ended
            ? ({ kind: 'incomplete', atLeast } as const)
            : parseMessage(received.text(), { kind: 'response', toMethod, ended });
        if (parsed.kind === 'incomplete') ({ atLeast } = parsed);
        if (parsed.kind === 'message') {
          received.set(parsed.rest);
          return parsed.message;
        }
        if (parsed.kind === 'error')
          throw new Error(`${parsed.why}: ${JSON.stringify(received.text().slice(0, 500))}`);
        if (ended) throw new Error('the connection closed before a response');
        const left = until - Date.now();
        if (left <= 0)
          throw new Error(`no response in time: ${JSON.stringify(received.text().slice(0, 500))}`);
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, left);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
    },
    unread: () => received.text(),
    destroy: () => socket.destroy(),
  };
}

/** Text that grows by chunks and is joined only when someone looks: joining each would cost the square of its length. */
export function receivedText(): {
  add(chunk: Buffer): void;
  set(text: string): void;
  length(): number;
  text(): string;
} {
  let parts: string[] = [];
  let length = 0;
  return {
    add(chunk) {
      parts.push(chunk.toString('latin1'));
      length += chunk.length;
    },
    set(text) {
      parts = [text];
      ({ length } = text);
    },
    length: () => length,
    text() {
      if (parts.length !== 1) parts = [parts.join('')];
      return parts[0] ?? '';
    },
  };
}
