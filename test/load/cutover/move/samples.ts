/** The value below which this share of the numbers lies; 0 where there are none. */
export function at(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

const writers = 32;

/** Ids from 1, dealt out to the writers of a full load: more of them than write at any moment. */
export function evenly(count: number): string[][] {
  const ids = Array.from({ length: count }, (_, id) => String(id + 1));
  return Array.from({ length: writers }, (_, writer) => ids.filter((_id, id) => id % writers === writer));
}
