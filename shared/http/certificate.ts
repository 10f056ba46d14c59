import { readFileSync, statSync } from 'node:fs';
import type { Server } from 'node:tls';

/** Where the certificate of a TLS listener lies. The files are read again when they change. */
export interface CertificateFiles {
  /** PEM, the whole chain. */
  readonly certFile: string;
  readonly keyFile: string;
  /** Milliseconds between two looks at the files. Default 10,000. */
  readonly reloadEveryMs?: number;
  /** Told when the files changed but could not be used; the last good certificate stays. */
  readonly onReloadError?: (error: Error) => void;
}

const minVersion = 'TLSv1.2';

/** @throws Error when a file can't be read */
export function readCertificate(files: CertificateFiles): {
  cert: Buffer;
  key: Buffer;
  minVersion: typeof minVersion;
} {
  return { cert: readFileSync(files.certFile), key: readFileSync(files.keyFile), minVersion };
}

/**
 * Replaces a listener's certificate when its files change: without a restart, and without touching open connections.
 * Looked at by time stamp and size, since file watchers lose renames and mounted secrets.
 * @returns stops looking
 */
export function followCertificate(server: Server, files: CertificateFiles): () => void {
  const look = (): string => [files.certFile, files.keyFile].map(stampOf).join(' ');
  let stamp = look();
  const timer = setInterval(() => {
    try {
      const now = look();
      if (now === stamp) return;
      stamp = now;
      server.setSecureContext(readCertificate(files));
    } catch (error) {
      files.onReloadError?.(error as Error);
    }
  }, files.reloadEveryMs ?? 10_000);
  timer.unref();
  return () => clearInterval(timer);
}

function stampOf(file: string): string {
  const { mtimeMs, size, ino } = statSync(file);
  return `${mtimeMs}:${size}:${ino}`;
}
