import type { RequestHead } from './seam.ts';

// What the data plane asks of routing while an upstream may not take a request: 421 Misdirected Request, with headers of
// ours that say who may. Such an answer means that nothing happened; every other one is final.

/** Makes a handover; called at most once for a request, when it is first refused or has to be held. */
export type HandoverOf = (head: RequestHead) => Handover;

/** Where one request goes that its upstream may not take. Answers from what is known, at once. */
export interface Handover {
  /**
   * An upstream refused the request.
   * @param lines the `banyan-` header lines of its 421, each with its CR LF; they come from outside
   * @returns false where they say nothing that helps: the 421 is passed on then
   */
  refused(upstream: string, lines: string): boolean;
  /** Where to send it now; `undefined`: hold it. */
  next(held: HeldSoFar): string | undefined;
  /** Calls `listener` whenever more is known of owners. Returns how to stop that. */
  onNews(listener: () => void): () => void;
  /** The final answer came, or none will. */
  ended(end: HandoverEnd): void;
}

export interface HeldSoFar {
  /** Milliseconds since it was first held; 0 before. */
  readonly heldMs: number;
  /** Whether it waited since an upstream was asked last. */
  readonly waited: boolean;
}

export interface HandoverEnd {
  /** Upstream that was asked last. */
  readonly upstream: string;
  /** Of its answer; 0 where there is none. */
  readonly status: number;
  readonly heldMs: number;
  /** How often it was sent again. */
  readonly detours: number;
}

/** Bounds on what is held, for one process. */
export interface HoldLimits {
  /** Milliseconds that one request is held at most; then 503 `no-owner`. */
  readonly holdWithinMs: number;
  /** Bytes of request bodies that are kept beyond what every exchange gathers. */
  readonly maxHeldBytes: number;
  readonly maxHeldRequests: number;
}
