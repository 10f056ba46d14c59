import { setTimeout as delay } from 'node:timers/promises';
import type { Pool } from 'pg';

export interface ThrottleOptions {
  readonly source: Pool;
  /** How far the side that is filled is behind with captured changes, in milliseconds. */
  readonly lagMs: (() => number) | undefined;
  readonly limits?: Partial<ThrottleLimits> | undefined;
}

export interface ThrottleLimits {
  /** A query that asks nothing takes longer than this on a source under pressure. Milliseconds. Default: 50. */
  readonly probeMs: number;
  /** Other sessions that run a statement on the source, for each connection of ours. Default: 32. Needs pg_read_all_stats to see them. */
  readonly activeSessions: number;
  /** Beyond this lag the chunks wait for the applies. Milliseconds. Default: 5,000. */
  readonly lagMs: number;
  /** The longest wait between two looks. Milliseconds. Default: 5,000. */
  readonly longestWaitMs: number;
  /**
   * A worker copies at least so much of its time, whatever suffers: a source that is always busy would else never be copied,
   * and a lag that has another cause than the copy never ends by waiting. Above 0, at most 1. Default: 0.1.
   */
  readonly leastShare: number;
}

const defaults = {
  probeMs: 50,
  activeSessions: 32,
  lagMs: 5_000,
  longestWaitMs: 5_000,
  leastShare: 0.1,
} satisfies ThrottleLimits;

/** What holds chunks back, in words for whoever watches. */
export const brakes = {
  'source-slow': 'held back: the side that is read answers slowly',
  'source-busy': 'held back: the side that is read has many statements under way',
  'target-behind': 'held back: the applies of captured changes are behind',
} as const;

export type Brake = keyof typeof brakes;

export interface Admission {
  readonly signal: AbortSignal;
  /** How long the worker's chunk before took, milliseconds. Default: 1,000. */
  readonly lastChunkMs?: number | undefined;
  /** Called at each look that holds it. */
  readonly onHold?: (() => void) | undefined;
}

export interface Throttle {
  /** Resolves when the next chunk may begin; rejects when the signal is aborted. */
  admit(admission: Admission): Promise<void>;
  /** What holds chunks back at present; also of one that was let through for its least share. */
  brake(): Brake | undefined;
}

/** Holds chunks back while the source or the applies suffer: each look that finds so waits twice as long as the one before. */
export function createThrottle({ source, lagMs, limits }: ThrottleOptions): Throttle {
  const limit = { ...defaults, ...limits };
  let brake: Brake | undefined;

  async function look(): Promise<Brake | undefined> {
    if (lagMs !== undefined && lagMs() > limit.lagMs) return 'target-behind';
    const began = performance.now();
    const { rows } = await source.query<{ active: number }>(
      `select count(*)::int as active from pg_stat_activity
       where state = 'active' and backend_type = 'client backend' and application_name not like 'banyan %'`,
    );
    if (performance.now() - began > limit.probeMs) return 'source-slow';
    return (rows[0]?.active ?? 0) > limit.activeSessions ? 'source-busy' : undefined;
  }

  return {
    async admit({ signal, lastChunkMs = 1_000, onHold }) {
      const until = performance.now() + lastChunkMs * (1 / limit.leastShare - 1);
      for (let wait = 100; ; wait = Math.min(wait * 2, limit.longestWaitMs)) {
        signal.throwIfAborted();
        brake = await look();
        const left = until - performance.now();
        if (brake === undefined || left <= 0) return;
        onHold?.();
        await delay(Math.min(wait, left), undefined, { signal });
      }
    },
    brake: () => brake,
  };
}
