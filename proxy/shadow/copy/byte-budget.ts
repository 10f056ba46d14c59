/** Bytes that all copies together may hold. What doesn't fit is not kept, whoever asks. */
export interface ByteBudget {
  /** @returns false, and charges nothing, where it does not fit */
  charge(bytes: number): boolean;
  release(bytes: number): void;
  held(): number;
}

export function createByteBudget(most: number): ByteBudget {
  let held = 0;
  return {
    charge(bytes) {
      if (held + bytes > most) return false;
      held += bytes;
      return true;
    },
    release(bytes) {
      held -= bytes;
    },
    held: () => held,
  };
}
