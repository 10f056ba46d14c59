import { setTimeout as delay } from 'node:timers/promises';

export interface PaceOptions {
  /** Tasks begun a second at most. */
  readonly rate: number;
  /** Tasks that run at once at most. */
  readonly concurrency: number;
  readonly signal: AbortSignal;
}

/**
 * Runs a task for each item, in their sequence, none faster than `rate` and no more than `concurrency` at once. A pause is
 * not made up for by a burst. Ends early when the signal does; what runs then is waited for.
 * @param task must not reject
 */
export async function paced<Item>(
  items: AsyncIterable<Item>,
  task: (item: Item) => Promise<void>,
  { rate, concurrency, signal }: PaceOptions,
): Promise<void> {
  const running = new Set<Promise<void>>();
  let next = performance.now();
  for await (const item of items) {
    if (signal.aborted) break;
    if (running.size >= concurrency) await Promise.race(running);
    const wait = next - performance.now();
    if (wait > 0) await delay(wait, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) break;
    next = Math.max(next, performance.now() - 1_000 / rate) + 1_000 / rate;
    const one = task(item).finally(() => running.delete(one));
    running.add(one);
  }
  await Promise.all(running);
}
