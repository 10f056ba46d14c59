import { request } from 'undici';
import type { Config } from '#proxy/config/schema.ts';
import type { MoverStatus } from './mover/mover-status.ts';

/** The mover of a `banyan run` on this machine; `undefined` where none answers within 2 s. */
export async function askMover({ admin }: Config, migration: string): Promise<MoverStatus | undefined> {
  if (admin.port === 0) return undefined;
  const host = admin.host.includes(':') ? `[${admin.host}]` : admin.host;
  const scheme = admin.tls === undefined ? 'http' : 'https';
  try {
    const { statusCode, body } = await request(`${scheme}://${host}:${admin.port}/cutover/status`, {
      headers: admin.token === undefined ? {} : { authorization: `Bearer ${admin.token}` },
      headersTimeout: 2_000,
      bodyTimeout: 2_000,
    });
    const answer = (await body.json()) as { copies?: readonly MoverStatus[] };
    return statusCode === 200 ? answer.copies?.find((copy) => copy.migration === migration) : undefined;
  } catch {
    return undefined;
  }
}
