import { hashOf } from './sampling.ts';

/** One write, as it travels between the processes of one machine: numbers, so that no key leaves its process. */
export type SeenWrite = readonly [migration: string, space: string, hash: number, at: number];

/** Where a key was found: keys of one space can be told from each other, those of two spaces cannot. */
export interface Place {
  readonly migration: string;
  /** `path`, or the header, cookie or claim; empty where there is no key. */
  readonly space: string;
  readonly key: string | undefined;
}

/** Remembers which keys were written lately, so that a read which may have raced a write is told apart. */
export interface RecentWrites {
  /** @param at milliseconds since 1970 */
  note(place: Place, at: number): void;
  /** What another process saw. */
  learn(writes: readonly SeenWrite[]): void;
  /**
   * Whether a write that this read may have met was seen since then. A write whose key can't be compared with the read's
   * (none, or one found elsewhere) may have met it.
   */
  near(place: Place, since: number): boolean;
  /** Whether a write to this very key was seen since then; never of a read without a key. */
  nearKey(place: Place, since: number): boolean;
  /** What was noted here since the last call; at most `maxKeys`. */
  takeNew(): SeenWrite[];
}

/**
 * @param maxKeys bound on what is remembered; where something had to be forgotten too soon, reads of that time count as near
 */
export function createRecentWrites(maxKeys: number): RecentWrites {
  const byHash = new Map<number, number>();
  /** By migration, then by space: the last write of any key. */
  const bySpace = new Map<string, Map<string, number>>();
  const fresh = new Map<number, SeenWrite>();
  let forgotten = 0;

  const remember = ([migration, space, hash, at]: SeenWrite): void => {
    const last = Math.max(at, byHash.get(hash) ?? 0);
    byHash.delete(hash);
    byHash.set(hash, last);
    if (byHash.size > maxKeys) {
      for (const [eldest, when] of byHash) {
        byHash.delete(eldest);
        forgotten = Math.max(forgotten, when);
        break;
      }
    }
    let spaces = bySpace.get(migration);
    if (spaces === undefined) bySpace.set(migration, (spaces = new Map()));
    spaces.set(space, Math.max(at, spaces.get(space) ?? 0));
  };

  const nearKey = (place: Place, since: number): boolean =>
    place.key !== undefined && (byHash.get(hashOfPlace(place)) ?? 0) >= since;

  return {
    note(place, at) {
      const write: SeenWrite = [place.migration, place.space, hashOfPlace(place), at];
      remember(write);
      if (fresh.size < maxKeys) fresh.set(write[2], write);
    },
    learn: (writes) => writes.forEach(remember),
    near(place, since) {
      if (forgotten >= since) return true;
      for (const [space, at] of bySpace.get(place.migration) ?? []) {
        const apart = space === place.space && place.key !== undefined && space !== '';
        if (at >= since && !apart) return true;
      }
      return nearKey(place, since);
    },
    nearKey,
    takeNew() {
      const all = [...fresh.values()];
      fresh.clear();
      return all;
    },
  };
}

function hashOfPlace({ migration, space, key = '' }: Place): number {
  return hashOf(`${migration}\0${space}\0${key}`);
}
