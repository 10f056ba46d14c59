import type { KeySource } from './client.ts';

/** Keys that all clients write, each in another bucket. */
const sharedKeys = 8;

/**
 * Keys of one generation of clients: those of all buckets in turn, other ones in each generation, until they are used up
 * and it begins anew with what is there by then.
 */
export function generationKeys(options: {
  readonly idsOf: ReadonlyMap<number, readonly string[]>;
  readonly generation: number;
}): KeySource {
  const lists = [...options.idsOf.values()];
  const perBucket = Math.min(...lists.map(({ length }) => length));
  const all = Array.from({ length: perBucket }, (_, at) => lists.map((ids) => ids[at] ?? '')).flat();
  // A generation takes some dozens; a step that shares no factor with their number meets every one of them.
  let next = (options.generation * 389) % all.length;
  const take = (): string => {
    const key = all[next] ?? '';
    next = (next + 1) % all.length;
    return key;
  };
  const shared = Array.from({ length: Math.min(sharedKeys, lists.length) }, () => take());
  return {
    own: take,
    shared: (random) => shared[Math.floor(random * shared.length)] ?? '',
  };
}
