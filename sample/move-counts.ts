import type { Status } from '#proxy/control/status.ts';

/** What moves cost the requests, since the start. */
export interface MoveCounts {
  /** Requests that were held, and milliseconds of that together. */
  readonly held: number;
  readonly heldMs: number;
  /** Requests that went to the other side after a refusal. */
  readonly redirected: number;
  /** Requests that were told that there is no owner. */
  readonly unanswered: number;
  /** Requests to the side that stays, that waited for its copy; and those among them that went on without it. */
  readonly waited: number;
  readonly stale: number;
}

type WorkerCounts = Pick<Status['workers'][number], 'pid'> & {
  readonly ownership: { readonly counts: MoveCounts };
};

const names = ['held', 'heldMs', 'redirected', 'unanswered', 'waited', 'stale'] as const;

/**
 * Adds up what the proxy's workers count, also of those that have ended: one that takes its place begins at 0.
 * @returns takes the workers that there are now
 */
export function createMoveCounts(): (workers: readonly WorkerCounts[]) => MoveCounts {
  const latest = new Map<number, MoveCounts>();
  return (workers) => {
    for (const { pid, ownership } of workers) latest.set(pid, ownership.counts);
    const sum = (of: keyof MoveCounts): number =>
      [...latest.values()].reduce((total, counts) => total + counts[of], 0);
    return Object.fromEntries(names.map((name) => [name, sum(name)])) as Record<keyof MoveCounts, number>;
  };
}
