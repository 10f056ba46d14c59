import type { Side } from '#flags/stages.ts';
import type { OwnWrites } from './own-writes.ts';

export interface CopyWait {
  readonly migration: string;
  /** The side whose copy is waited for. */
  readonly to: Side;
  /** Time of the write, milliseconds since 1970. */
  readonly at: number;
  readonly withinMs: number;
}

/** Requests that wait until a copy has a write; each for a bounded time. */
export interface CopyWaits {
  wait(wait: CopyWait): Promise<boolean>;
  /** More is known of how far the copies are. */
  look(): void;
}

export function createCopyWaits(options: {
  readonly writes: Pick<OwnWrites, 'isCopied'>;
  readonly lagMs: number;
  readonly now: () => number;
}): CopyWaits {
  const { writes, lagMs, now } = options;
  const waiting = new Set<() => void>();
  return {
    async wait(wait) {
      const { promise, resolve } = Promise.withResolvers<boolean>();
      const look = (): void => {
        if (writes.isCopied(wait, now())) resolve(true);
      };
      const timers = [setTimeout(() => resolve(false), wait.withinMs)];
      // Where nobody says how far the copy is, the lag decides. A timer may be early by the part of a millisecond.
      const lagLeft = wait.at + lagMs - now() + 2;
      if (lagLeft < wait.withinMs) timers.push(setTimeout(look, lagLeft));
      waiting.add(look);
      look();
      try {
        return await promise;
      } finally {
        waiting.delete(look);
        for (const timer of timers) clearTimeout(timer);
      }
    },
    look() {
      for (const look of waiting) look();
    },
  };
}
