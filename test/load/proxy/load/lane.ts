import { connect, type Socket } from 'node:net';
import { lentReads } from './lent-reads.ts';
import { createMessageReader } from './message-reader.ts';
import type { PreparedRequest } from './requests.ts';

export interface LaneOptions {
  readonly port: number;
  readonly keepAlive: boolean;
  /** The answer is whole and right. The lane is free. */
  readonly onAnswer: (lane: Lane) => void;
  /** The request came to nothing, and why. The lane is free. */
  readonly onTrouble: (lane: Lane, what: string) => void;
}

/** One client that asks for one thing at a time, on one connection or on a new one for each request. */
export interface Lane {
  /** When the request under way was begun, or should have been. For the owner of the lane. */
  startedAt: number;
  readonly busy: boolean;
  send(request: PreparedRequest): void;
  /** Connects without asking for anything; resolves when the connection stands or has failed. */
  open(): Promise<void>;
  close(): void;
}

/** Addresses that connections come from, where each request has its own: one address alone would run out of ports. */
const sources = 32;
let source = 0;

export function createLane({ port, keepAlive, onAnswer, onTrouble }: LaneOptions): Lane {
  let socket: Socket | undefined;
  let asked: PreparedRequest | undefined;
  let closing = false;

  const fail = (what: string): void => {
    socket?.destroy();
    socket = undefined;
    if (asked === undefined) return;
    asked = undefined;
    onTrouble(lane, what);
  };

  const answered = (): void => {
    asked = undefined;
    if (closing) {
      const done = socket;
      socket = undefined;
      done?.destroy();
    }
    onAnswer(lane);
  };

  const onHead = (head: string): Buffer => {
    if (asked === undefined) throw new Error('an answer that nothing was asked for');
    if (!head.startsWith('HTTP/1.1 200')) throw new Error(`"${head.slice(0, head.indexOf('\r\n'))}"`);
    if (!head.includes(`x-item: ${asked.item}\r\n`)) throw new Error('an answer to another request');
    closing = !keepAlive || /\r\nconnection: *close/i.test(head);
    return asked.answer;
  };

  const dial = (): Socket => {
    const read = createMessageReader({ onHead, onEnd: answered });
    const onread = lentReads((chunk) => {
      try {
        if (dialled === socket) read(chunk);
      } catch (error) {
        fail(`got ${Error.isError(error) ? error.message : String(error)}`);
      }
    });
    source = (source + 1) % sources;
    const local = keepAlive || process.platform !== 'linux' ? {} : { localAddress: `127.0.1.${source + 1}` };
    const dialled = connect({ host: '127.0.0.1', port, noDelay: true, onread, ...local });
    dialled.on('error', (error) => {
      if (dialled === socket) fail(error.message);
    });
    dialled.on('close', () => {
      if (dialled === socket) fail('the connection was closed before the answer was whole');
    });
    return dialled;
  };

  const lane: Lane = {
    startedAt: 0,
    get busy() {
      return asked !== undefined;
    },
    send(request) {
      asked = request;
      closing = false;
      socket ??= dial();
      if (request.body.length === 0) {
        socket.write(request.head);
        return;
      }
      socket.cork();
      socket.write(request.head);
      socket.write(request.body);
      socket.uncork();
    },
    async open() {
      const opened = (socket ??= dial());
      if (!opened.connecting) return;
      await new Promise<void>((resolve) => {
        opened.once('connect', resolve);
        opened.once('close', () => resolve());
      });
    },
    close() {
      asked = undefined;
      const open = socket;
      socket = undefined;
      open?.destroy();
    },
  };
  return lane;
}
