import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { smallPayload } from '../proxy/load/payload.ts';
import { prepare } from '../proxy/load/upstream.ts';

/** How a target of copies can fail. */
export const faults = ['hangs', 'resets', 'drips', 'slow'] as const;
export type Fault = (typeof faults)[number];

const head =
  'HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: 190\r\n\r\n';
/** Some fifty times what the good upstream takes under this load. */
const slowMs = 25;

/** Word for word what the good upstream says: this target is slow, and nothing else. */
const answer = prepare(smallPayload);

const behaviours: Readonly<Record<Fault, (socket: Socket, request: Buffer) => void>> = {
  hangs: () => {},
  resets: (socket) => void socket.resetAndDestroy(),
  drips(socket) {
    socket.write(head);
    const timer = setInterval(() => socket.write('x'), 1_000);
    socket.on('close', () => clearInterval(timer));
  },
  slow(socket, request) {
    const item = request.toString('latin1', 11, 19);
    setTimeout(() => answer(socket, item), slowMs);
  },
};

export type FaultPorts = Readonly<Record<Fault, number>>;

/** One listener for each fault. */
export async function startFaultyTargets(ports: FaultPorts): Promise<void> {
  for (const fault of faults) {
    const server = createServer({ noDelay: true }, (socket) => {
      socket.on('data', (request) => behaviours[fault](socket, request));
      socket.on('error', () => socket.destroy());
    });
    server.listen({ host: '127.0.0.1', port: ports[fault], backlog: 4_096 });
    await once(server, 'listening');
  }
}
