import type { Side } from '#flags/stages.ts';
import { createKeyMemory } from './key-memory.ts';
import type { CopiedThrough, WrittenKey } from './ownership.types.ts';

/** Which keys were written when and on which side, and how far the copies have come. Times: milliseconds since 1970. */
export interface OwnWrites {
  mark(written: WrittenKey): void;
  /**
   * Time of the last write on that side; 0 where there was none. What had to be forgotten counts for every key.
   * @param hash `undefined`: of any key
   */
  lastOf(place: { readonly migration: string; readonly on: Side }, hash: number | undefined): number;
  copied(news: CopiedThrough): void;
  /** What was said of the copies was said by another clock. */
  forgetCopied(): void;
  /** Whether that side's copy has a write of that time, as far as is known; without any word on it, once the lag is past. */
  isCopied(write: CopyOf, now: number): boolean;
  copiedThrough(migration: string): Readonly<Partial<Record<Side, number>>>;
  /** Whether there was no write at all. */
  readonly none: boolean;
  /** Keys that are remembered. */
  readonly size: number;
}

export interface CopyOf {
  readonly migration: string;
  readonly to: Side;
  readonly at: number;
}

export function createOwnWrites(options: { readonly maxKeys: number; readonly lagMs: number }): OwnWrites {
  const { maxKeys, lagMs } = options;
  const byKey = createKeyMemory(maxKeys);
  /** By migration and side. */
  const ofAny = new Map<string, number>();
  const through = new Map<string, Partial<Record<Side, number>>>();
  let forgotten = 0;
  return {
    mark([migration, on, hash, at]) {
      const place = `${migration} ${on}`;
      ofAny.set(place, Math.max(at, ofAny.get(place) ?? 0));
      if (hash === 0) return;
      const lost = byKey.set(hash, Math.max(at, byKey.get(hash) ?? 0));
      if (lost !== undefined) forgotten = Math.max(forgotten, lost);
    },
    lastOf({ migration, on }, hash) {
      const last = ofAny.get(`${migration} ${on}`) ?? 0;
      if (hash === undefined || last === 0) return last;
      return Math.max(Math.min(forgotten, last), byKey.get(hash) ?? 0);
    },
    copied({ migration, to, through: at }) {
      const known = through.get(migration) ?? {};
      through.set(migration, { ...known, [to]: Math.max(at, known[to] ?? 0) });
    },
    forgetCopied: () => through.clear(),
    isCopied({ migration, to, at }, now) {
      const known = through.get(migration)?.[to];
      // A write of that very millisecond may have come after the look.
      return known === undefined ? now - at > lagMs : known > at;
    },
    copiedThrough: (migration) => through.get(migration) ?? {},
    get none() {
      return ofAny.size === 0;
    },
    get size() {
      return byKey.size;
    },
  };
}
