import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { receivedText } from './raw-client.ts';
import { parseMessage, type Message } from './strict-parser.ts';

/** One connection that the proxy opened, and all it sent. */
export interface RecordedConnection {
  readonly socket: Socket;
  /** Every byte received, as latin1. */
  readonly bytes: string;
  /** What the strict parser made of them. */
  readonly requests: Message[];
  /** Why the strict parser gave up. */
  error: string | undefined;
  closed: boolean;
  /** Drops `bytes`. */
  forget(): void;
}

/** Bytes to answer with, or what to do; `undefined` answers nothing. */
export type Answer = string | undefined | ((connection: RecordedConnection) => void);
export type Script = (request: Message, connection: RecordedConnection) => Answer;

export interface RecordingUpstream {
  readonly port: number;
  readonly url: string;
  readonly connections: readonly RecordedConnection[];
  /** All requests over all connections, in the order in which they were complete. */
  readonly requests: readonly Message[];
  /** All bytes over all connections. */
  bytes(): string;
  /** Resolves once `condition` holds; rejects after 5 s. */
  until(condition: (upstream: RecordingUpstream) => boolean): Promise<void>;
  /** Drops what was recorded, for tests that go on for long; open connections stay listed. */
  forget(): void;
  close(): Promise<void>;
}

/** Answers with the request's method, target and body, so that an answer shows which request it belongs to. */
export const echo: Script = (request) => {
  const body = `${request.method} ${request.target} ${request.body}`;
  return `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${request.method === 'HEAD' ? '' : body}`;
};

export interface UpstreamScript {
  /** Called for each complete request. Default: `echo`. */
  readonly script?: Script;
  /** Called for each connection, before any byte; for upstreams that do not wait for a request. */
  readonly onConnection?: (connection: RecordedConnection) => void;
  /** Called for each chunk received, before it is parsed. */
  readonly onBytes?: (connection: RecordedConnection) => void;
}

export async function startUpstream(
  options: UpstreamScript = {},
  createListener = createServer,
): Promise<RecordingUpstream> {
  const connections: RecordedConnection[] = [];
  const requests: Message[] = [];
  const server: Server = createListener((socket: Socket) => {
    const all = receivedText();
    const unparsed = receivedText();
    const connection: RecordedConnection = {
      socket,
      get bytes() {
        return all.text();
      },
      forget: () => all.set(''),
      requests: [],
      error: undefined,
      closed: false,
    };
    connections.push(connection);
    let atLeast = 0;
    socket.on('error', () => {});
    socket.on('close', () => (connection.closed = true));
    options.onConnection?.(connection);
    socket.on('data', (chunk: Buffer) => {
      all.add(chunk);
      unparsed.add(chunk);
      options.onBytes?.(connection);
      while (connection.error === undefined && unparsed.length() >= atLeast) {
        const parsed = parseMessage(unparsed.text(), { kind: 'request' });
        atLeast = parsed.kind === 'incomplete' ? parsed.atLeast : 0;
        if (parsed.kind === 'error') connection.error = parsed.why;
        if (parsed.kind !== 'message') break;
        unparsed.set(parsed.rest);
        connection.requests.push(parsed.message);
        requests.push(parsed.message);
        const answer = (options.script ?? echo)(parsed.message, connection);
        if (typeof answer === 'string') socket.write(Buffer.from(answer, 'latin1'));
        else answer?.(connection);
      }
    });
  });
  server.listen({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const upstream: RecordingUpstream = {
    port,
    url: `http://127.0.0.1:${port}`,
    connections,
    requests,
    bytes: () => connections.map(({ bytes }) => bytes).join(''),
    async until(condition) {
      for (const deadline = Date.now() + 5_000; !condition(upstream);) {
        if (Date.now() > deadline) throw new Error('the upstream did not come to the expected state');
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
    forget() {
      requests.length = 0;
      for (const connection of connections) {
        connection.requests.length = 0;
        connection.forget();
      }
      connections.splice(0, connections.length, ...connections.filter(({ closed }) => !closed));
    },
    async close() {
      const done = once(server, 'close');
      server.close();
      for (const { socket } of connections) socket.destroy();
      await done;
    },
  };
  return upstream;
}
