import { readFileSync } from 'node:fs';
import type { Config } from '#proxy/config/schema.ts';
import type { UpstreamOptions } from '#proxy/http/seam.ts';

/** What a target's certificate is checked with, read from its files. @throws where one cannot be read */
export function targetTls(
  tls: NonNullable<Config['targets'][string]['tls']>,
): NonNullable<UpstreamOptions['tls']> {
  const { caFile, certFile, keyFile, servername } = tls;
  return {
    ...(caFile === undefined ? {} : { ca: readFileSync(caFile) }),
    ...(certFile === undefined ? {} : { cert: readFileSync(certFile) }),
    ...(keyFile === undefined ? {} : { key: readFileSync(keyFile) }),
    ...(servername === undefined ? {} : { servername }),
  };
}
