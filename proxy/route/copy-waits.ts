import type { Side } from '#flags/stages.ts';
import type { OwnWrites } from './own-writes.ts';

export interface CopyWait {
  readonly migration: string;
  /** The first of these to come ends the wait. */
  readonly anyOf: readonly AwaitedCopy[];
  readonly withinMs: number;
}

export interface AwaitedCopy {
  /** The side whose copy is waited for. */
  readonly to: Side;
  /** Time of the write, milliseconds since 1970. */
  readonly at: number;
}

/** Requests that wait until a copy has a write; each for a bounded time. */
export interface CopyWaits {
  /** @returns the side whose copy has it; `undefined` where the time is past */
  wait(wait: CopyWait): Promise<Side | undefined>;
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
    async wait({ migration, anyOf, withinMs }) {
      const { promise, resolve } = Promise.withResolvers<Side | undefined>();
      const look = (): void => {
        const moment = now();
        const came = anyOf.find(({ to, at }) => writes.isCopied({ migration, to, at }, moment));
        if (came !== undefined) resolve(came.to);
      };
      const timers = [setTimeout(() => resolve(undefined), withinMs)];
      // Where nobody says how far the copy is, the lag decides. A timer may be early by the part of a millisecond.
      const lagLeft = Math.min(...anyOf.map(({ at }) => at)) + lagMs - now() + 2;
      if (lagLeft < withinMs) timers.push(setTimeout(look, lagLeft));
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
