import { once } from 'node:events';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { codeOf } from '#shared/errors/code.ts';
import { followCertificate, readCertificate, type CertificateFiles } from './certificate.ts';

export interface Served {
  readonly host: string;
  readonly port: number;
  /** `http://host:port`, or `https://…`, without a trailing slash. */
  readonly url: string;
  /**
   * Stops listening, lets running requests finish and answers them with `Connection: close`; what still runs after
   * `withinMs` is cut. Calling it again waits for the first call.
   */
  close(withinMs?: number): Promise<void>;
}

export interface ServeOptions {
  readonly host?: string;
  /** 0 takes a free one. */
  readonly port?: number;
  /** What listens, for the error message: "the monolith cannot listen …". */
  readonly name: string;
  /** Makes it speak HTTPS. */
  readonly tls?: CertificateFiles | undefined;
}

/**
 * Listens, or fails with one sentence that names the address and the remedy.
 * @throws Error also when a certificate can't be read
 */
export async function serve(listener: RequestListener, options: ServeOptions): Promise<Served> {
  const { name, host = '127.0.0.1', port = 0, tls } = options;
  let draining = false;
  const running = new Set<ServerResponse>();
  const counted: RequestListener = (request, response) => {
    if (draining) response.setHeader('connection', 'close');
    running.add(response);
    response.once('close', () => {
      running.delete(response);
      // One whose head was out before the drain began keeps its connection: it is idle only now.
      if (draining) setImmediate(() => server.closeIdleConnections());
    });
    listener(request, response);
  };
  const secure = tls === undefined ? undefined : createSecureServer(readCertificate(tls), counted);
  const server = secure ?? createServer(counted);
  const stopFollowing =
    secure === undefined || tls === undefined ? undefined : followCertificate(secure, tls);
  server.listen({ host, port });
  await once(server, 'listening').catch((cause: unknown) => {
    stopFollowing?.();
    throw listenError(cause, { name, host, port });
  });
  const bound = server.address() as AddressInfo;
  let closing: Promise<void> | undefined;
  return {
    host,
    port: bound.port,
    url: `${tls === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${bound.port}`,
    close(withinMs = 10_000) {
      closing ??= new Promise((resolve) => {
        draining = true;
        stopFollowing?.();
        const cut = setTimeout(() => server.closeAllConnections(), withinMs);
        server.close(() => {
          clearTimeout(cut);
          resolve();
        });
        for (const response of running) {
          if (!response.headersSent) response.setHeader('connection', 'close');
        }
        server.closeIdleConnections();
      });
      return closing;
    },
  };
}

const remedies: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process has that port: end it, or choose another port',
  EACCES: 'this user may not open that port: choose one above 1023',
  EADDRNOTAVAIL: 'this machine has no such address: choose one of its own, or 127.0.0.1',
  ENOTFOUND: 'that host name is unknown: use an IP address or a name that resolves',
};

/** An error whose message a user can act on, for a listener that could not open. */
export function listenError(
  cause: unknown,
  place: { readonly name: string; readonly host: string; readonly port: number },
): Error {
  const code = codeOf(cause) ?? 'unknown';
  const remedy = remedies[code] ?? 'see the cause';
  return new Error(`${place.name} cannot listen on ${place.host}:${place.port} (${code}): ${remedy}`, {
    cause,
  });
}
