/** Numbers by hashed key; the one that was longest unused is forgotten first. */
export interface KeyMemory {
  get(hash: number): number | undefined;
  /** @returns the value that had to be forgotten to make room */
  set(hash: number, value: number): number | undefined;
  readonly size: number;
}

/** @param most keys at most */
export function createKeyMemory(most: number): KeyMemory {
  const values = new Map<number, number>();
  return {
    get(hash) {
      const value = values.get(hash);
      if (value === undefined) return undefined;
      // A Map gives its keys in the sequence in which they were set.
      values.delete(hash);
      values.set(hash, value);
      return value;
    },
    set(hash, value) {
      values.delete(hash);
      values.set(hash, value);
      if (values.size <= most) return undefined;
      for (const [eldest, forgotten] of values) {
        values.delete(eldest);
        return forgotten;
      }
      return undefined;
    },
    get size() {
      return values.size;
    },
  };
}
