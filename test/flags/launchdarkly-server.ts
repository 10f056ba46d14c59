import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FlagJson } from './flag-files.ts';

export interface ReceivedEvents {
  readonly path: string;
  readonly body: string;
}

/** A server that speaks LaunchDarkly's streaming protocol over real sockets: `/all` with put, patch and delete events. */
export interface LaunchDarklyServer {
  readonly url: string;
  /** What was posted to it: counts, diagnostics. */
  readonly events: readonly ReceivedEvents[];
  /** Requests for the stream so far, with the key that each brought. */
  readonly streams: readonly (string | undefined)[];
  /** What a new stream begins with. */
  setData(data: { flags: Record<string, FlagJson>; segments?: Record<string, FlagJson> }): void;
  /** Answers requests for the stream with this status from now on; 200 streams again. */
  setStatus(status: number): void;
  send(event: 'put' | 'patch' | 'delete', data: unknown): void;
  sendRaw(text: string): void;
  /** Cuts every stream and stops listening. */
  stop(): Promise<void>;
  /** Listens again on the same port. */
  start(): Promise<void>;
}

export async function launchDarklyServer(): Promise<LaunchDarklyServer> {
  let data: unknown = { flags: {}, segments: {} };
  let status = 200;
  let server: Server;
  let port = 0;
  const open = new Set<ServerResponse>();
  const events: ReceivedEvents[] = [];
  const streams: (string | undefined)[] = [];

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.url !== '/all') {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      events.push({ path: request.url ?? '', body: Buffer.concat(chunks).toString() });
      response.writeHead(202).end();
      return;
    }
    streams.push(request.headers.authorization);
    if (status !== 200) {
      response.writeHead(status).end();
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    open.add(response);
    response.on('close', () => open.delete(response));
    response.write(frame('put', { path: '/', data }));
  };

  const start = async (): Promise<void> => {
    server = createServer((request, response) => void answer(request, response));
    server.listen({ host: '127.0.0.1', port });
    await once(server, 'listening');
    ({ port } = server.address() as AddressInfo);
  };

  await start();
  return {
    url: `http://127.0.0.1:${port}`,
    events,
    streams,
    setData(next) {
      data = { segments: {}, ...next };
    },
    setStatus(next) {
      status = next;
    },
    send(event, payload) {
      for (const response of open) response.write(frame(event, payload));
    },
    sendRaw(text) {
      for (const response of open) response.write(text);
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
    start,
  };
}

function frame(event: string, data: unknown): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
