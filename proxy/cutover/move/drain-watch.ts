import { setTimeout as delay } from 'node:timers/promises';
import type { Side } from '#flags/stages.ts';
import type { SidePools } from './read-facts.ts';

/** Asks for all buckets that wait at once: their writes are held back meanwhile, so it is asked often. */
export interface DrainWatch {
  /**
   * Resolves when there is something to do: that side has applied the marker of `epoch`, or is in another epoch already. At
   * the latest after half a second. @throws where the side can't be asked
   */
  wait(on: Side, bucket: number, epoch: number): Promise<void>;
}

const longestMs = 500;
const firstAskMs = 2;
const slowestAskMs = 15;

interface Waiting {
  readonly epoch: number;
  readonly until: number;
  readonly resolve: () => void;
  readonly reject: (cause: unknown) => void;
}

export function createDrainWatch(pools: SidePools, group: string): DrainWatch {
  const waiting = {
    monolith: new Map<number, Waiting>(),
    service: new Map<number, Waiting>(),
  } satisfies Record<Side, Map<number, Waiting>>;
  const asking = new Set<Side>();
  const waitMs: Record<Side, number> = { monolith: firstAskMs, service: firstAskMs };

  async function ask(on: Side): Promise<void> {
    asking.add(on);
    while (waiting[on].size > 0) {
      await look(on);
      if (waiting[on].size > 0) await delay(waitMs[on]);
      waitMs[on] = Math.min(waitMs[on] * 1.3, slowestAskMs);
    }
    asking.delete(on);
  }

  async function look(on: Side): Promise<void> {
    // Who comes while it is asked waits for the next answer.
    const asked = new Map(waiting[on]);
    try {
      const { rows } = await pools[on].query<{ bucket: number; drained: string; epoch: string }>(
        `select b.bucket, b.drained, b.epoch from banyan.buckets b join banyan.groups g using (group_id)
         where g.name = $1 and b.bucket = any($2)`,
        [group, [...asked.keys()]],
      );
      const found = new Map(rows.map(({ bucket, ...row }) => [bucket, row]));
      for (const [bucket, one] of asked) {
        const row = found.get(bucket);
        const waits = row !== undefined && Number(row.drained) < one.epoch && Number(row.epoch) < one.epoch;
        if (waits && performance.now() < one.until) continue;
        waiting[on].delete(bucket);
        one.resolve();
      }
    } catch (cause) {
      for (const [bucket, one] of asked) {
        waiting[on].delete(bucket);
        one.reject(cause);
      }
    }
  }

  return {
    async wait(on, bucket, epoch) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      waiting[on].set(bucket, { epoch, until: performance.now() + longestMs, resolve, reject });
      waitMs[on] = firstAskMs;
      if (!asking.has(on)) void ask(on);
      await promise;
    },
  };
}
