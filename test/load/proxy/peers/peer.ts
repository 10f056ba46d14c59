import { createServer, type RequestListener } from 'node:http';

/** What every peer's script is called with: the port to listen on, and the port of the upstream, both on loopback. */
export const ports = { listen: Number(process.argv[2]), upstream: Number(process.argv[3]) };
export const upstreamUrl = `http://127.0.0.1:${ports.upstream}`;

/** Connections that may wait to be accepted, the same for all. */
export const backlog = 4_096;

/** A package of this folder, which the project's own type check must not need. */
export async function loadPeer<T>(name: string): Promise<T> {
  return (await import(name)) as T;
}

/** Listens with Node's own HTTP server. */
export function serve(onRequest: RequestListener): void {
  createServer(onRequest).listen({ host: '127.0.0.1', port: ports.listen, backlog });
  endWhenTold();
}

/** Ends well on SIGTERM, so that a profile is written where one was asked for. */
export function endWhenTold(): void {
  process.on('SIGTERM', () => process.exit(0));
}
