import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Side } from '#flags/stages.ts';

/** Request header by which a signed caller chooses the side of a read. It is stripped before the request goes on. */
export const forceHeader = 'banyan-force';

/**
 * A value for the header: `<side>.<expiry, seconds since 1970>.<HMAC-SHA-256, base64url>`.
 * @param options.ttlSeconds 1 s to 24 h
 */
export function forceToken(options: {
  readonly side: Side;
  readonly secret: string;
  readonly ttlSeconds: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}): string {
  const claim = `${options.side}.${Math.floor(options.now / 1_000) + options.ttlSeconds}`;
  return `${claim}.${sign(claim, options.secret).toString('base64url')}`;
}

/** The side that a header value asks for; `undefined` where it is forged, expired or of another form. */
export function forcedSide(value: string | undefined, secret: string, now: number): Side | undefined {
  const match = /^((monolith|service)\.(\d{1,12}))\.([\w-]{43})$/.exec(value ?? '');
  if (match === null) return undefined;
  const [, claim = '', side = '', expiry = '', signature = ''] = match;
  if (!timingSafeEqual(sign(claim, secret), Buffer.from(signature, 'base64url'))) return undefined;
  return Number(expiry) * 1_000 > now ? (side as Side) : undefined;
}

function sign(claim: string, secret: string): Buffer {
  return createHmac('sha256', secret).update(claim).digest();
}
