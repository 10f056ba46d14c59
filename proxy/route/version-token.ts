import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Side } from '#flags/stages.ts';
import type { HeaderLines, RequestHead } from '#proxy/http/seam.ts';
import { cookieValue } from './key.ts';

/**
 * Header that carries the times of a caller's last writes, for callers without cookies; both ways. Of each side one, since
 * in a group of 256 buckets each side owns some: `items=…, items=…`.
 */
export const seenHeader = 'banyan-seen';

/** Longer than any copy lags that still runs. */
const cookieSeconds = 3_600;
/** Tokens of one request that are looked at: an HMAC each. */
const maxCarried = 4;
const form = /^([0-9a-z]{1,11})([MS])\.([\w-]{22})$/;
const letters = { monolith: 'M', service: 'S' } as const;

export interface CarriedWrite {
  readonly migration: string;
  /** The side that took it. */
  readonly on: Side;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface WriteAnswer {
  readonly write: CarriedWrite;
  /** Of the request: what it carries of the other side goes back in the header, which has one place for both. */
  readonly head: RequestHead;
  /** Whether the client speaks TLS. */
  readonly secure: boolean;
}

export interface VersionTokens {
  /** Headers for the answer to a write. */
  headers(answer: WriteAnswer): HeaderLines;
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
  const tokenOf = ({ migration, on, at }: CarriedWrite): string => {
    const claim = `${at.toString(36)}${letters[on]}`;
    return `${claim}.${sign(secret, `${migration}\0${claim}`)}`;
  };
  const timeOf = ({ migration, on }: Omit<CarriedWrite, 'at'>, token: string | undefined): number => {
    const [, time = '', letter = '', signature = ''] = form.exec(token ?? '') ?? [];
    if (letter !== letters[on]) return 0;
    const expected = sign(secret, `${migration}\0${time}${letter}`);
    // As texts: the last letter has bits that decoding drops.
    const isOurs = timingSafeEqual(Buffer.from(expected), Buffer.from(signature));
    return isOurs ? Number.parseInt(time, 36) : 0;
  };
  return {
    headers({ write, head, secure }) {
      const { migration, on } = write;
      const token = tokenOf(write);
      const attributes = `Path=/; Max-Age=${cookieSeconds}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
      const other = { migration, on: on === 'monolith' ? 'service' : 'monolith' } as const;
      const at = read(head, other);
      const parts = [token, ...(at === 0 ? [] : [tokenOf({ ...other, at })])];
      return [
        ['set-cookie', `${cookieName(write)}=${token}; ${attributes}`],
        [seenHeader, parts.map((part) => `${migration}=${part}`).join(', ')],
      ];
    },
    read,
  };

  function read(head: RequestHead, place: Omit<CarriedWrite, 'at'>): number {
    const cookies = head.header('cookie');
    const header = head.header(seenHeader);
    const carried = [
      ...(cookies === undefined ? [] : [cookieValue(cookies, cookieName(place))]),
      ...(header === undefined ? [] : listed(header, place.migration)),
    ];
    return Math.max(0, ...carried.slice(0, maxCarried).map((token) => timeOf(place, token)));
  }
}

/** Of each side its own, so that two writes at the same time, one on each, leave both. */
function cookieName({ migration, on }: Omit<CarriedWrite, 'at'>): string {
  return `banyan-seen-${migration}-${on}`;
}

/** `a=…, b=…`: the parts of one migration. */
function listed(header: string, migration: string): string[] {
  const start = `${migration}=`;
  return header
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part.startsWith(start))
    .map((part) => part.slice(start.length));
}

/** 128 bits of it, base64url. */
function sign(secret: string, claim: string): string {
  return createHmac('sha256', secret).update(`seen\0${claim}`).digest().subarray(0, 16).toString('base64url');
}
