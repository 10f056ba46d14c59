import { readFileSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:tls';
import type { ListenerTls } from './seam.ts';

export interface TlsListener {
  readonly server: Server;
  /** Reads the files now and uses them for connections from here on. @throws what is wrong with them */
  reload(): void;
  /** Stops looking at the files. */
  stop(): void;
}

/**
 * A TLS listener whose certificate is replaced, without a restart and without touching open connections, when its
 * files change. Looked at by time stamp and size: file watchers lose renames and mounted secrets.
 * @throws Error when the files can't be read or do not belong together
 */
export function createTlsListener(options: ListenerTls): TlsListener {
  const read = (): { readonly cert: Buffer; readonly key: Buffer } => {
    return { cert: readFileSync(options.certFile), key: readFileSync(options.keyFile) };
  };
  const look = (): string => [options.certFile, options.keyFile].map(stampOf).join(' ');
  let stamp = look();
  const fixed = { ALPNProtocols: ['http/1.1'], minVersion: 'TLSv1.2' as const };
  const server = createServer({ ...fixed, ...read(), handshakeTimeout: 10_000 });
  const reload = (): void => {
    stamp = look();
    server.setSecureContext({ ...read(), minVersion: fixed.minVersion });
  };
  const timer = setInterval(() => {
    try {
      if (look() !== stamp) reload();
    } catch (error) {
      options.onReloadError?.(error as Error);
    }
  }, options.reloadEveryMs ?? 10_000);
  timer.unref();
  return { server, reload, stop: () => clearInterval(timer) };
}

function stampOf(file: string): string {
  const { mtimeMs, size, ino } = statSync(file);
  return `${mtimeMs}:${size}:${ino}`;
}
