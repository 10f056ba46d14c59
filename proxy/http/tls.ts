import { createServer, type Server } from 'node:tls';
import { followCertificate, readCertificate } from '#shared/http/certificate.ts';
import type { ListenerTls } from './seam.ts';

export interface TlsListener {
  readonly server: Server;
  /** Stops looking at the files. */
  stop(): void;
}

/**
 * A TLS listener for HTTP/1.1 whose certificate follows its files.
 * @throws Error when the files can't be read or do not belong together
 */
export function createTlsListener(options: ListenerTls): TlsListener {
  const server = createServer({
    ...readCertificate(options),
    ALPNProtocols: ['http/1.1'],
    handshakeTimeout: 10_000,
  });
  return { server, stop: followCertificate(server, options) };
}
