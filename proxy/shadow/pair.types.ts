import type { Side } from '#flags/stages.ts';
import type { HeaderLines } from '#proxy/http/seam.ts';

/** The answer of one leg, copied as it came. */
export interface LegAnswer {
  readonly status: number;
  /** Names in lower case, in the order received; hop-by-hop and framing headers are not among them. */
  readonly headers: HeaderLines;
  /** Whole, still in its content coding; never more than the body cap of the route. */
  readonly body: Uint8Array;
  /** Milliseconds from the sent request to the last byte. */
  readonly durationMs: number;
}

/** The request that both legs answered. It may hold credentials: it is redacted before it leaves the comparing thread. */
export interface PairRequest {
  readonly method: string;
  /** Origin form, path and query. */
  readonly target: string;
  readonly headers: HeaderLines;
  readonly body: Uint8Array | undefined;
}

/** Two answers to one request: the caller's own, and the other side's. */
export interface Pair {
  readonly migration: string;
  /** Name of the route. */
  readonly route: string;
  /** The routing key, where the request had one. */
  readonly key: string | undefined;
  /** Milliseconds since 1970 at which the primary's answer was complete. */
  readonly at: number;
  readonly request: PairRequest;
  /** The side whose answer the caller got. */
  readonly primarySide: Side;
  readonly primary: LegAnswer;
  readonly shadow: LegAnswer;
  /** The primary's second answer to the same request, where this pair was also taken to measure noise. */
  readonly again: LegAnswer | undefined;
  /** Whether this pair is the later, second look at one that may have raced a write. */
  readonly recheck: boolean;
}
