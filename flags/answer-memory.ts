/**
 * Remembers answers by key, as many as fit: two generations of `capacity` entries, of which the older is dropped when the
 * younger is full, so what is asked for often stays and memory is bounded whatever clients send.
 */
export interface AnswerMemory {
  get(key: string): boolean | undefined;
  set(key: string, answer: boolean): void;
  clear(): void;
}

/** Longer keys are not kept: 64 characters hold every id and UUID, and bound the memory. */
const longestKept = 64;

export function createAnswerMemory(capacity: number): AnswerMemory {
  let young = new Map<string, boolean>();
  let old = new Map<string, boolean>();
  const set = (key: string, answer: boolean): void => {
    if (key.length > longestKept) return;
    if (young.size >= capacity) {
      old = young;
      young = new Map();
    }
    young.set(key, answer);
  };
  return {
    get(key) {
      const answer = young.get(key);
      if (answer !== undefined) return answer;
      const older = old.get(key);
      if (older !== undefined) set(key, older);
      return older;
    },
    set,
    clear() {
      young = new Map();
      old = new Map();
    },
  };
}
