import type { HoldLimits } from './handover.types.ts';

/** What all exchanges of a plane hold together: requests that wait for an owner, and bodies kept to be sent again. */
export interface HeldRequests {
  readonly limits: HoldLimits;
  /** @returns false, and counts nothing, where no more may be held */
  enter(): boolean;
  leave(): void;
  /** @returns false, and charges nothing, where these bytes do not fit */
  keep(bytes: number): boolean;
  release(bytes: number): void;
  now(): { readonly requests: number; readonly bytes: number };
}

export const defaultHoldLimits: HoldLimits = {
  holdWithinMs: 10_000,
  maxHeldBytes: 64 * 1_048_576,
  maxHeldRequests: 10_000,
};

export function createHeldRequests(limits: HoldLimits): HeldRequests {
  let requests = 0;
  let bytes = 0;
  return {
    limits,
    enter() {
      if (requests >= limits.maxHeldRequests) return false;
      requests += 1;
      return true;
    },
    leave() {
      requests -= 1;
    },
    keep(more) {
      if (bytes + more > limits.maxHeldBytes) return false;
      bytes += more;
      return true;
    },
    release(less) {
      bytes -= less;
    },
    now: () => ({ requests, bytes }),
  };
}
