import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface Asked {
  readonly path: string;
  readonly authorization: string | undefined;
  /** Parsed JSON; `undefined` where there was none. */
  readonly body: unknown;
}

export interface StandIn {
  readonly url: string;
  /** What has been asked so far, in order. */
  readonly asked: Asked[];
  /** TCP connections that it has taken so far. */
  connections(): number;
  stop(): Promise<void>;
}

export type Respond = (response: ServerResponse, request: IncomingMessage, turn: number) => void;

/** A real HTTP server in the place of the user-service, which behaves as `respond` says; `turn` counts from 1. */
export async function startStandIn(respond: Respond): Promise<StandIn> {
  const asked: Asked[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    request.on('end', () => {
      const { authorization } = request.headers;
      asked.push({ path: `${request.method} ${request.url}`, authorization, body: bodyOf(text) });
      respond(response, request, asked.length);
    });
  });
  server.on('connection', (socket) => {
    connections++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    connections: () => connections,
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

export function sendJson(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

function bodyOf(text: string): unknown {
  return text === '' ? undefined : JSON.parse(text);
}
