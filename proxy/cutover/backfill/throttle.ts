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
}

const defaults = {
  probeMs: 50,
  activeSessions: 32,
  lagMs: 5_000,
  longestWaitMs: 5_000,
} satisfies ThrottleLimits;

export type Brake = 'source-slow' | 'source-busy' | 'target-behind';

export interface Throttle {
  /** Resolves when the next chunk may begin; rejects when `signal` is aborted. */
  admit(signal: AbortSignal): Promise<void>;
  /** What holds chunks back at present. */
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
    async admit(signal) {
      for (let wait = 100; ; wait = Math.min(wait * 2, limit.longestWaitMs)) {
        signal.throwIfAborted();
        brake = await look();
        if (brake === undefined) return;
        await delay(wait, undefined, { signal });
      }
    },
    brake: () => brake,
  };
}
