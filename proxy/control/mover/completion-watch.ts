import type { Engine } from '#proxy/cutover/engine.types.ts';
import type { CutoverPlan } from '#proxy/cutover/plan.types.ts';

/** Whether a migration is complete, asked now and then: it costs a connection. */
export interface CompletionWatch {
  /** The answer of now, or of a moment ago. Never fails: what can't be asked is as it was last known, and at first open. */
  isComplete(): Promise<boolean>;
  /** As last told; `undefined` while nobody could say, or nothing was installed. */
  known(): boolean | undefined;
}

/** Completed, there is only an installation that is made anew to wait for. */
const restingLooks = 10;

/** @param everyMs between two questions, milliseconds */
export function watchCompletion({
  plan,
  engine,
  everyMs,
}: {
  readonly plan: CutoverPlan;
  readonly engine: Pick<Engine, 'isComplete'>;
  readonly everyMs: number;
}): CompletionWatch {
  let known: boolean | undefined;
  let askedAt = -Infinity;
  let asking: Promise<boolean> | undefined;

  const ask = async (): Promise<boolean> => {
    try {
      // A role that was taken away says nothing of what was known before.
      known = (await engine.isComplete(plan)) ?? known;
    } catch {
      // Unreachable: whoever needs the database says so.
    } finally {
      askedAt = performance.now();
      asking = undefined;
    }
    return known ?? false;
  };
  return {
    known: () => known,
    async isComplete() {
      const dueMs = known === true ? everyMs * restingLooks : everyMs;
      if (asking === undefined && performance.now() - askedAt < dueMs) return known ?? false;
      return (asking ??= ask());
    },
  };
}
