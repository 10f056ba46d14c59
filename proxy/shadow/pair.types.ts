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

/** Two answers to one request: the client's own, and the other side's. */
export interface Pair {
  readonly migration: string;
  /** Name of the route. */
  readonly route: string;
  /** The routing key, where the request had one. */
  readonly key: string | undefined;
  /** Milliseconds since 1970 at which the primary's answer was complete. */
  readonly at: number;
  readonly request: PairRequest;
  /** The side whose answer the client got. */
  readonly primarySide: Side;
  readonly primary: LegAnswer;
  readonly shadow: LegAnswer;
  /** The primary's second answer to the same request, where there is one; `againWhy` says for what it was asked. */
  readonly again: LegAnswer | undefined;
  /**
   * Why the primary was asked again; `undefined` where it was not. `sampled`: chosen before anything was compared, so it
   * measures how often the primary differs from itself. `differed`: asked because this pair had differed (`wantsAgain`);
   * such a pair was counted already and comes a second time only to tell noise from difference.
   */
  readonly againWhy: 'sampled' | 'differed' | undefined;
  /**
   * Whether a write to the key was so near that the copy may not have had it. A difference then does not count yet: the
   * pair is asked for again after the lag and comes back with `recheck`.
   */
  readonly nearWrite: boolean;
  /** Whether this pair is the later, second look at one that may have raced a write. */
  readonly recheck: boolean;
}
