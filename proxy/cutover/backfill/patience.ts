import { setTimeout as delay } from 'node:timers/promises';
import { failure, isPassing } from './failures.ts';

export interface Patience {
  readonly signal: AbortSignal;
  /** How long the same thing may go on failing. Milliseconds. */
  readonly giveUpMs: number;
  readonly onRetry?: ((cause: unknown, waitMs: number) => void) | undefined;
}

const firstWaitMs = 100;
const longestWaitMs = 5_000;

/**
 * Does it again while it fails of what passes: a database that restarts, a deadlock, a full disk that is being emptied.
 * @throws `gave-up` past the time; `stopped`; anything else at once
 */
export async function withPatience<T>(
  { signal, giveUpMs, onRetry }: Patience,
  work: () => Promise<T>,
): Promise<T> {
  const until = performance.now() + giveUpMs;
  for (let wait = firstWaitMs; ; wait = Math.min(wait * 2, longestWaitMs)) {
    if (signal.aborted) throw failure('stopped', 'the copy');
    try {
      return await work();
    } catch (cause) {
      if (signal.aborted) throw failure('stopped', 'the copy', cause);
      if (!isPassing(cause)) throw cause;
      if (performance.now() + wait > until) throw failure('gave-up', 'the copy', cause);
      onRetry?.(cause, wait);
      // When it is told to stop, the next turn says so.
      await delay(wait, undefined, { signal }).catch(() => undefined);
    }
  }
}
