/** Lets so many through in a second, and a fifth of that at once. */
export interface TokenBucket {
  take(): boolean;
  /** What was taken was not used. */
  giveBack(): void;
}

/**
 * @param rate tokens a second
 * @param now milliseconds that only rise
 */
export function createTokenBucket(rate: number, now: () => number = () => performance.now()): TokenBucket {
  const burst = Math.max(1, rate / 5);
  let tokens = burst;
  let filledAt = now();
  return {
    take() {
      // The clock is only looked at when the bucket runs low: that is never, where the rate is not reached.
      if (tokens < 1) {
        const at = now();
        tokens = Math.min(burst, tokens + ((at - filledAt) / 1_000) * rate);
        filledAt = at;
        if (tokens < 1) return false;
      }
      tokens -= 1;
      return true;
    },
    giveBack() {
      tokens = Math.min(burst, tokens + 1);
    },
  };
}
