import { covers, parseSnapshot, type Snapshot } from './snapshot.ts';

/** Whether the target has it, or the time was over before. */
export type Reached = 'reached' | 'degraded';

/** Those who wait until the target has what they wrote (acknowledgement `both`). */
export interface Waiters {
  /** @param snapshot of the source, taken after the write was committed. @param withinMs 0: look once */
  wait(snapshot: string, withinMs: number): Promise<Reached>;
  moved(snapshot: string): void;
  readonly count: number;
  /** No one waits in vain: all are told that it takes too long. */
  end(): void;
}

/** More than these would be memory without bound; whoever comes then is told `degraded` at once. */
const mostWaiters = 10_000;

export function createWaiters(wake: () => void): Waiters {
  const waiting = new Set<{ readonly wanted: Snapshot; readonly tell: (reached: Reached) => void }>();
  let held: Snapshot | undefined;
  let ended = false;
  return {
    async wait(snapshot, withinMs) {
      const wanted = parseSnapshot(snapshot);
      if (held !== undefined && covers(held, wanted)) return 'reached';
      if (ended || withinMs <= 0 || waiting.size >= mostWaiters) return 'degraded';
      const { promise, resolve } = Promise.withResolvers<Reached>();
      const entry = { wanted, tell: resolve };
      waiting.add(entry);
      const timer = setTimeout(() => resolve('degraded'), withinMs);
      wake();
      try {
        return await promise;
      } finally {
        clearTimeout(timer);
        waiting.delete(entry);
      }
    },
    moved(snapshot) {
      held = parseSnapshot(snapshot);
      for (const { wanted, tell } of waiting) if (covers(held, wanted)) tell('reached');
    },
    get count() {
      return waiting.size;
    },
    end() {
      ended = true;
      for (const { tell } of waiting) tell('degraded');
    },
  };
}
