import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Side } from '#flags/stages.ts';
import type { HeaderLines, RequestHead } from '#proxy/http/seam.ts';
import { cookieValue } from './key.ts';

/** Header that carries the time of a caller's last write, for callers without cookies; both ways. */
export const seenHeader = 'banyan-seen';

/** Longer than any copy lags that still runs. */
const cookieSeconds = 3_600;
const form = /^([0-9a-z]{1,11})([MS])\.([\w-]{22})$/;
const letters = { monolith: 'M', service: 'S' } as const;

export interface CarriedWrite {
  readonly migration: string;
  /** The side that took it. */
  readonly on: Side;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface VersionTokens {
  /** Headers for the answer to a write. @param secure whether the client speaks TLS */
  headers(write: CarriedWrite, secure: boolean): HeaderLines;
  /**
   * When this caller wrote last on that side, as its cookie or header says; 0 where it says nothing, another side, or
   * something forged.
   */
  read(head: RequestHead, place: Omit<CarriedWrite, 'at'>): number;
}

/**
 * A caller's last write as a signed text, so that nobody without the secret can send reads to the owner at will. It says
 * when and on which side, and nothing of what. Reading costs an HMAC only where the caller sends a token.
 */
export function versionTokens(secret: string): VersionTokens {
  const timeOf = ({ migration, on }: Omit<CarriedWrite, 'at'>, token: string | undefined): number => {
    const [, time = '', letter = '', signature = ''] = form.exec(token ?? '') ?? [];
    if (letter !== letters[on]) return 0;
    const expected = sign(secret, `${migration}\0${time}${letter}`);
    // As texts: the last letter has bits that decoding drops.
    const isOurs = timingSafeEqual(Buffer.from(expected), Buffer.from(signature));
    return isOurs ? Number.parseInt(time, 36) : 0;
  };
  return {
    headers({ migration, on, at }, secure) {
      const claim = `${at.toString(36)}${letters[on]}`;
      const token = `${claim}.${sign(secret, `${migration}\0${claim}`)}`;
      const attributes = `Path=/; Max-Age=${cookieSeconds}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
      return [
        ['set-cookie', `${cookieName(migration)}=${token}; ${attributes}`],
        [seenHeader, `${migration}=${token}`],
      ];
    },
    read(head, place) {
      const { migration } = place;
      const cookies = head.header('cookie');
      const header = head.header(seenHeader);
      return Math.max(
        cookies === undefined ? 0 : timeOf(place, cookieValue(cookies, cookieName(migration))),
        header === undefined ? 0 : timeOf(place, listed(header, migration)),
      );
    },
  };
}

function cookieName(migration: string): string {
  return `banyan-seen-${migration}`;
}

/** `a=…, b=…`: the part of one migration. */
function listed(header: string, migration: string): string | undefined {
  const start = `${migration}=`;
  return header
    .split(',')
    .map((part) => part.trim())
    .find((part) => part.startsWith(start))
    ?.slice(start.length);
}

/** 128 bits of it, base64url. */
function sign(secret: string, claim: string): string {
  return createHmac('sha256', secret).update(`seen\0${claim}`).digest().subarray(0, 16).toString('base64url');
}
