import type { HeaderLines } from '#proxy/http/seam.ts';

/** One request out of a recording. */
export interface Recorded {
  readonly kind: 'request';
  readonly method: string;
  /** As it was recorded: a path and query, or a whole URL. */
  readonly target: string;
  readonly headers: HeaderLines;
}

/** A part of a recording that is no request. */
export interface Unreadable {
  readonly kind: 'unreadable';
  /** `line 17`, `entry 3` */
  readonly where: string;
  /** What is wrong with it; never the text itself, which may hold secrets. */
  readonly why: string;
}

export interface Recording {
  readonly requests: AsyncIterable<Recorded | Unreadable>;
  /** How much of it has been read, 0-1. */
  done(): number;
}
