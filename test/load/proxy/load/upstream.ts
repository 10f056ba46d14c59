import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { withLentReads } from './lent-reads.ts';
import { createMessageReader } from './message-reader.ts';
import { nothing, smallPayload } from './payload.ts';

export interface Upstream {
  readonly port: number;
  /** What the next requests look like: a GET is answered with this body, a POST has to carry it. */
  serve(body: Buffer): void;
  /** What was wrong with requests since the last call, one sentence each. */
  takeTroubles(): string[];
  close(): void;
}

/** Bodies up to here leave in one string with their head. */
const joinedBytes = 16_384;

/** Answers at once, with headers as Express writes them, and checks that every request came whole. */
export async function startUpstream(): Promise<Upstream> {
  const sockets = new Set<Socket>();
  const troubles: string[] = [];
  const answers = { get: prepare(smallPayload), post: prepare(smallPayload), posted: smallPayload };
  const server = createServer({ pauseOnConnect: true, noDelay: true }, (accepted) => {
    let item = '';
    let posted = false;
    const read = createMessageReader({
      onHead(head) {
        posted = head.startsWith('POST ');
        const path = posted ? 5 : 4;
        item = head.slice(path + 7, path + 15);
        if (!head.startsWith('/items/', path)) throw new Error(`a request for ${head.slice(0, 40)}`);
        return posted ? answers.posted : nothing;
      },
      onEnd: () => (posted ? answers.post : answers.get)(socket, item),
    });
    const socket = withLentReads(accepted, (chunk) => {
      try {
        read(chunk);
      } catch (error) {
        troubles.push(`the upstream got ${Error.isError(error) ? error.message : String(error)}`);
        socket.destroy();
      }
    });
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen({ host: '127.0.0.1', port: 0, backlog: 4_096 });
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    serve(body) {
      answers.get = prepare(body);
      answers.posted = body;
    },
    takeTroubles: () => troubles.splice(0),
    // The server's own end is not waited for: it still counts the sockets that were moved away from it.
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** The answer with everything but the item's number written beforehand. */
export function prepare(body: Buffer): (socket: Socket, item: string) => void {
  const before =
    'HTTP/1.1 200 OK\r\nX-Powered-By: Express\r\nContent-Type: application/json; charset=utf-8\r\n' +
    'ETag: W/"be-8Vx2Yw4cKq0"\r\nVary: Accept-Encoding\r\nDate: Tue, 24 Nov 2026 08:00:00 GMT\r\n' +
    `Connection: keep-alive\r\nKeep-Alive: timeout=5\r\nContent-Length: ${body.length}\r\nx-item: `;
  if (body.length <= joinedBytes) {
    const after = `\r\n\r\n${body.toString('latin1')}`;
    return (socket, item) => void socket.write(before + item + after, 'latin1');
  }
  return (socket, item) => {
    socket.cork();
    socket.write(`${before}${item}\r\n\r\n`, 'latin1');
    socket.write(body);
    socket.uncork();
  };
}
