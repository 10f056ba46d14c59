/** Says whether one more retry is within the budget of all requests. */
export interface RetryBudget {
  /** Counts a request. */
  deposit(): void;
  /** Takes one retry out, or returns false. */
  withdraw(): boolean;
}

const burst = 10;

/**
 * A token bucket: each request puts `share` of a token in, each retry takes one out, ten are there at most. When an
 * upstream fails for good, retries add at most that share to its load, whatever the number of callers.
 * @param share 0-1
 */
export function createRetryBudget(share: number): RetryBudget {
  let tokens = burst;
  return {
    deposit() {
      if (tokens < burst) tokens = Math.min(burst, tokens + share);
    },
    withdraw() {
      if (tokens < 1 || share === 0) return false;
      tokens -= 1;
      return true;
    },
  };
}
